import { KEK_VERSION_ID_PATTERN } from '../../core/contract/names';
import { isCount } from '../../core/crypto/record-checks';
import type { VaultBody } from './vault-calls';

const MAX_TRIES = 1_000_000;

/**
 * A value at the path of the KEK, or at that of the pending one. The version's id is inside of it: KV's own numbers begin again
 * at 1 when a path's metadata is deleted. The keyset is one string, because Vault writes JSON anew (order of members, escapes,
 * big numbers).
 */
export interface KekEntry {
  readonly token: string;
  /** The secret's text; left out: announced, and not made yet. */
  readonly keyset?: string;
  /** Tries of the rotation to a pending version. */
  readonly tries?: number;
}

/** What stands at the path of the pending KEK where none is: nothing is ever deleted. */
export const TOMBSTONE = { removed: true } as const;

/** Undefined for a tombstone, and for what another writer put there. */
export function toKekEntry(value: VaultBody | undefined): KekEntry | undefined {
  const { token, keyset, tries } = value ?? {};
  if (typeof token !== 'string' || !KEK_VERSION_ID_PATTERN.test(token)) return undefined;
  if (keyset !== undefined && typeof keyset !== 'string') return undefined;
  const hasTries = isCount(tries, 1) && tries <= MAX_TRIES;
  return { token, ...(keyset !== undefined && { keyset }), ...(hasTries && { tries }) };
}

export const isTombstone = (value: VaultBody | undefined): boolean => value?.['removed'] === true;
