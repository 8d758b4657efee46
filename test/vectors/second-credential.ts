import { credentialPairs, openToken, type Pairs } from './second-implementation';
import { readJson, writeJson } from './second-json';

/** Rows of stored credentials once more, written from docs/format.md alone. Whatever is no value, or does not open, is undefined. */

type Members = Readonly<Record<string, unknown>>;

/** The keys of one provider, by version. */
export type Deks = ReadonlyMap<number, Uint8Array>;

const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

const objectOf = (value: unknown): Members | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;

const versionOf = (token: unknown): number | undefined => {
  const version = typeof token === 'string' ? token.split('.')[2] : undefined;
  return version !== undefined && /^[1-9][0-9]{0,9}$/.test(version) ? Number(version) : undefined;
};

/** The context is of the metadata as it is written canonically. */
async function opened(
  { provider, name }: { readonly provider: string; readonly name: string },
  { ciphertext, metadata }: Members,
  deks: Deks,
  previous?: { readonly revision: number; readonly replacedAt: string },
): Promise<string | undefined> {
  const version = versionOf(ciphertext);
  const key = version === undefined ? undefined : deks.get(version);
  const readable = typeof metadata === 'string' ? readJson(metadata) : undefined;
  if (version === undefined || key === undefined || readable === undefined) return undefined;
  const context: Pairs = await credentialPairs(provider, name, JSON.parse(writeJson(readable)), previous);
  return openToken({ provider, version, key }, context, ciphertext as string);
}

/** What the current value holds; undefined where the credential was deleted. */
export async function openCurrent(row: Members, deks: Deks): Promise<string | undefined> {
  const { provider, name, deleted_at: deletedAt } = row;
  if (deletedAt !== undefined || typeof provider !== 'string' || typeof name !== 'string') return undefined;
  return opened({ provider, name }, row, deks);
}

/** What the previous value holds, of a deleted credential too. */
export async function openPrevious(row: Members, deks: Deks): Promise<string | undefined> {
  const { provider, name } = row;
  const previous = objectOf(row['previous']);
  if (previous === undefined || typeof provider !== 'string' || typeof name !== 'string') return undefined;
  const { revision, replaced_at: replacedAt } = previous;
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 1) return undefined;
  if (typeof replacedAt !== 'string' || !TIME.test(replacedAt)) return undefined;
  return opened({ provider, name }, previous, deks, { revision, replacedAt });
}

/** What a writer puts into the row beside these values: the lower of their versions, and that of the current one where there are two. */
export function versionMembers(row: Members): Members {
  const current = row['deleted_at'] === undefined ? versionOf(row['ciphertext']) : undefined;
  const previous = versionOf(objectOf(row['previous'])?.['ciphertext']);
  const versions = [current, previous].filter((version) => version !== undefined);
  return {
    ...(versions.length > 0 && { key_version: Math.min(...versions) }),
    ...(versions.length === 2 && { current_key_version: current }),
  };
}
