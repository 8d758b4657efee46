import { DAY_MS } from '../contract/time-units';
import { sealToken } from '../crypto/token';
import type { Dek } from '../crypto/dek';
import type { Randomness } from '../crypto/randomness';
import { KeywardError } from '../errors/errors';
import {
  credentialContext,
  credentialDamaged,
  isPreviousDamaged,
  type CredentialRecord,
  type DamagedPreviousValue,
  type PreviousValue,
} from './credential';

type Dated = Pick<PreviousValue, 'replaced_at'>;

/** When a previous value expires, in milliseconds since 1970. */
const goneAt = ({ replaced_at: replacedAt }: Dated, keptDays: number): number =>
  Date.parse(replacedAt) + keptDays * DAY_MS;

/** When a previous value expires, as the API shows it. */
export const expiryOf = (previous: Dated, keptDays: number): string =>
  new Date(goneAt(previous, keptDays)).toISOString();

/** Whether a previous value has expired: it is no longer shown, and the sweep erases it. */
export const isExpired = (previous: Dated | DamagedPreviousValue, keptDays: number, now: number): boolean =>
  !isPreviousDamaged(previous) && goneAt(previous, keptDays) <= now;

/** The previous value, if it is neither damaged nor expired. */
export function shownPrevious<P extends Dated>(
  { previous }: { readonly previous?: P | DamagedPreviousValue },
  keptDays: number,
  now: number,
): P | undefined {
  return previous === undefined || isPreviousDamaged(previous) || isExpired(previous, keptDays, now)
    ? undefined
    : previous;
}

/**
 * The previous value, for calls about it.
 *
 * @throws KeywardError `credential_damaged` if it was edited; `previous_value_not_found`
 */
export function readPrevious<P extends Dated>(
  row: { readonly previous?: P | DamagedPreviousValue },
  keptDays: number,
  now: number,
): P {
  if (row.previous !== undefined && isPreviousDamaged(row.previous)) throw credentialDamaged();
  const previous = shownPrevious(row, keptDays, now);
  if (previous === undefined) throw previousValueNotFound();
  return previous;
}

export const NO_PREVIOUS_VALUE = 'this credential has no previous value';

export const previousValueNotFound = (): KeywardError =>
  new KeywardError('previous_value_not_found', NO_PREVIOUS_VALUE);

/** Seals a value that was current anew as the previous one. */
export function sealPrevious(
  deps: { readonly dek: Dek; readonly randomness: Randomness; readonly now: number },
  { provider, name, revision, hint, metadata, created_at, updated_at }: CredentialRecord,
  apiKey: string,
): PreviousValue {
  const place = { revision, replaced_at: new Date(deps.now).toISOString() };
  return {
    ...place,
    ciphertext: sealToken(deps.dek, credentialContext(provider, name, metadata, place), apiKey, deps.randomness),
    key_version: deps.dek.version,
    hint,
    metadata,
    created_at,
    updated_at,
  };
}
