import { AUDITED_OPERATIONS, AUDITED_PARTS } from '../../lambdas/core/contract/audited-operations';
import { nearestNames } from '../../lambdas/core/contract/nearest-name';
import type { ApiCall } from '../client/api-call';
import { providerNames } from '../client/name-providers';
import { suggestion } from '../io/suggestion';
import type { ApiClient } from '../session';

type Query = Readonly<Record<string, string>>;

const PART = /^keyward:/;
const USER_AT_THE_END = /:user\/([^/]+)$/;

/**
 * What a search of the audit log without results covered: its period, and which of its names are unknown. Older events may have
 * such names, so the search is no error.
 */
export async function nothingFound(client: ApiClient, { query = {} }: ApiCall): Promise<string> {
  return [periodOf(query), operationOf(query), await providerOf(client, query), partOf(query)]
    .filter((part) => part !== undefined)
    .join('; ');
}

function periodOf({ from, to }: Query): string {
  if (from !== undefined) return `no event from ${from} to ${to ?? 'now'} matches`;
  return `no event of the 7 days before ${to ?? 'now'} matches: --since or --from look further back`;
}

function operationOf({ operation }: Query): string | undefined {
  // A route is the operation of a call that was refused before its handler.
  if (operation === undefined || operation.includes(' /') || isOneOf(AUDITED_OPERATIONS, operation)) return undefined;
  const meant = suggestion(nearestNames(operation, AUDITED_OPERATIONS));
  return `this release records nothing under that --operation${meant}`;
}

async function providerOf(client: ApiClient, { provider }: Query): Promise<string | undefined> {
  if (provider === undefined) return undefined;
  const names = await providerNames(client);
  return names.length === 0 || names.includes(provider)
    ? undefined
    : `--provider: there is no such provider now; the providers are ${names.join(', ')}`;
}

function partOf({ user_id: id = '' }: Query): string | undefined {
  const name = PART.test(id) ? id.replace(PART, '') : (USER_AT_THE_END.exec(id)?.[1] ?? '');
  const isKnown = isOneOf(AUDITED_PARTS, name);
  if (PART.test(id)) {
    return isKnown
      ? undefined
      : `--user: the parts of Keyward are ${AUDITED_PARTS.map((part) => `keyward:${part}`).join(', ')}`;
  }
  return isKnown ? `--user: the part of Keyward of that name is keyward:${name}` : undefined;
}

const isOneOf = (names: readonly string[], name: string): boolean => names.includes(name);
