import { invalidRequest } from '../domain/errors';
import type { Precondition } from '../usecases/application';
import { headerValues, type ProxyEvent } from './proxy-event';
import type { Route } from './routes';

const REVISION_TAG = /^"([1-9][0-9]{0,15})"$/;

/** A revision as an entity tag (RFC 9110 section 8.8.3). */
export const entityTag = (revision: number): string => `"${revision}"`;

/**
 * Reads `If-Match` and `If-None-Match` (RFC 9110 section 13.1) on a call that takes them: one strong tag or `*` for the
 * first, `*` alone for the second, one of the two at most. What the RFC allows beyond that names no revision to
 * compare with.
 *
 * @returns undefined where the caller demands nothing
 * @throws KeywardError `invalid_request`
 */
export function readPrecondition(event: ProxyEvent, route: Route): Precondition | undefined {
  if (route.preconditions === undefined) return undefined;
  const match = headerValues(event, 'if-match');
  const noneMatch = headerValues(event, 'if-none-match');
  if (match.length + noneMatch.length === 0) return undefined;
  if (match.length + noneMatch.length > 1) throw invalidRequest('If-Match and If-None-Match: only one may be given');
  return match[0] === undefined ? absence(noneMatch[0], route.preconditions) : presence(match[0]);
}

function absence(value: string | undefined, taken: NonNullable<Route['preconditions']>): Precondition {
  if (!taken.includes('if-none-match')) throw invalidRequest('If-None-Match: this call does not take it');
  if (value !== '*') throw invalidRequest('If-None-Match: must be *');
  return 'absent';
}

function presence(value: string): Precondition {
  if (value === '*') return 'exists';
  const revision = Number(REVISION_TAG.exec(value)?.[1]);
  if (!Number.isSafeInteger(revision)) throw invalidRequest('If-Match: must be the ETag of a credential, or *');
  return { revision };
}
