import { invalidRequest } from '../errors/errors';
import type { Precondition } from '../ports/precondition';
import { headerValues, type ProxyEvent } from './proxy-event';
import type { Operation } from './operation';

/** RFC 9110 section 8.8.3. */
const ENTITY_TAG = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
/** At least one tag; empty elements are ignored (RFC 9110 section 5.6.1). The pattern is unambiguous, so it does not backtrack. */
const TAG_LIST = new RegExp(String.raw`^[ \t,]*${ENTITY_TAG}(?:[ \t]*,(?:[ \t]*${ENTITY_TAG})?)*[ \t]*$`);
const REVISION_TAG = /^"([1-9][0-9]{0,15})"$/;

/** A revision as an entity tag (RFC 9110 section 8.8.3). */
export const entityTag = (revision: number): string => `"${revision}"`;

/**
 * Reads `If-Match` and `If-None-Match` (RFC 9110 section 13.1) if the operation takes them: `*` or a list of entity tags, in at
 * most one of the two headers. If-Match compares strongly, so a weak tag matches nothing; If-None-Match compares weakly. A tag
 * that Keyward did not make matches nothing.
 *
 * @returns undefined if the caller sends neither
 * @throws KeywardError `invalid_request`
 */
export function readPrecondition(
  event: ProxyEvent,
  { preconditions }: Pick<Operation, 'preconditions'>,
): Precondition | undefined {
  if (preconditions.length === 0) return undefined;
  const match = headerValues(event, 'if-match');
  const noneMatch = headerValues(event, 'if-none-match');
  if (match.length + noneMatch.length === 0) return undefined;
  if (match.length > 0 && noneMatch.length > 0) {
    throw invalidRequest('If-Match and If-None-Match: only one is allowed');
  }
  // A repeated header is one list (RFC 9110 section 5.3).
  if (match.length > 0) return presence(match.join(', '));
  if (!preconditions.includes('if-none-match')) throw invalidRequest('If-None-Match: this call does not take it');
  return absence(noneMatch.join(', '));
}

function presence(value: string): Precondition {
  if (value.trim() === '*') return 'exists';
  return { one_of: revisionsOf('If-Match', value, 'strong') };
}

function absence(value: string): Precondition {
  return value.trim() === '*' ? 'absent' : { none_of: revisionsOf('If-None-Match', value, 'weak') };
}

/** The revisions that the tags of a list name. Only the spelling that Keyward writes counts. */
function revisionsOf(header: string, list: string, comparison: 'strong' | 'weak'): readonly number[] {
  if (!TAG_LIST.test(list)) throw invalidRequest(`${header}: must be *, or ETags such as "3"`);
  return Array.from(list.matchAll(new RegExp(ENTITY_TAG, 'g')), ([tag]) => tag)
    .map((tag) => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag))
    .map((tag) => Number(REVISION_TAG.exec(tag)?.[1]))
    .filter((revision) => Number.isSafeInteger(revision));
}
