import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import type { Dek } from '../../lambdas/core/crypto/dek';
import { openToken, parseToken } from '../../lambdas/core/crypto/token';
import {
  credentialContext,
  isTombstone,
  type CredentialMetadata,
  type CredentialRecord,
  type PreviousPlace,
  type PreviousValue,
  type StoredCredential,
} from '../../lambdas/core/credentials/credential';

/** One value of a row, opened, with its metadata in canonical JSON. */
export interface OpenedValue {
  readonly value: string;
  readonly metadata: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export type OpenedPrevious = OpenedValue & PreviousPlace;

/** What a row holds. */
export interface OpenedRow {
  readonly revision: number;
  /** Null if it was deleted. */
  readonly current: OpenedValue | null;
  readonly previous: OpenedPrevious | null;
}

type FindDek = (provider: string, version: number) => Dek | undefined;

/** A time and a name that no row has. */
const ANOTHER = { at: '2026-01-01T00:00:00.000Z', name: 'another-name' };

/** @throws if a value does not open in its place */
export function openRow(dekOf: FindDek, row: StoredCredential): OpenedRow {
  const { revision } = row;
  const previous = previousOf(row);
  return {
    revision,
    current: isTombstone(row) ? null : opened(dekOf, row, row, undefined),
    previous:
      previous === undefined
        ? null
        : {
            ...opened(dekOf, row, previous, previous),
            revision: previous.revision,
            replaced_at: previous.replaced_at,
          },
  };
}

/** Whether one of its values opens in a wrong place: in the other's place, with another time, or under another name. */
export function opensElsewhere(dekOf: FindDek, row: StoredCredential): boolean {
  const { provider, name } = row;
  const opens = (value: Sealed, at: string, place: PreviousPlace | undefined): boolean => {
    try {
      open(dekOf, provider, value, credentialContext(provider, at, value.metadata, place));
      return true;
    } catch {
      return false;
    }
  };
  const previous = previousOf(row);
  if (previous !== undefined) {
    const { revision, replaced_at } = previous;
    const places = [undefined, { revision: revision + 1, replaced_at }, { revision, replaced_at: ANOTHER.at }];
    if (places.some((place) => opens(previous, name, place)) || opens(previous, ANOTHER.name, previous)) return true;
  }
  if (isTombstone(row)) return false;
  const asPrevious = { revision: row.revision, replaced_at: row.updated_at };
  return (
    opens(row, name, previous ?? asPrevious) || opens(row, name, asPrevious) || opens(row, ANOTHER.name, undefined)
  );
}

/** No simulated process damages a row. */
export const previousOf = ({ previous }: StoredCredential): PreviousValue | undefined =>
  previous as PreviousValue | undefined;

interface Sealed {
  readonly ciphertext: string;
  readonly key_version: number;
  readonly metadata: CredentialMetadata;
}

function opened(
  dekOf: FindDek,
  { provider, name }: StoredCredential,
  value: CredentialRecord | PreviousValue,
  place: PreviousPlace | undefined,
): OpenedValue {
  return {
    value: open(dekOf, provider, value, credentialContext(provider, name, value.metadata, place)),
    metadata: canonicalJson(value.metadata),
    created_at: value.created_at,
    updated_at: value.updated_at,
  };
}

function open(
  dekOf: FindDek,
  provider: string,
  { ciphertext, key_version: version }: Sealed,
  context: ReturnType<typeof credentialContext>,
): string {
  const dek = dekOf(provider, version);
  if (dek === undefined) throw new Error('no such version');
  return openToken(dek, context, parseToken(ciphertext));
}
