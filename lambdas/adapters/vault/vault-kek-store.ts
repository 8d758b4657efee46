import { CURRENT, PENDING, PREVIOUS } from '../../core/contract/secret-stages';
import type { FirstKekVersion } from '../../core/kek-move/ports/first-kek-version';
import { KeywardError } from '../../core/errors/errors';
import type { KekSecretReplica, KekSecretStore, SecretVersion } from '../../core/kek-rotation/ports/kek-secret-store';
import type { PendingKek } from '../../core/kek-rotation/ports/pending-kek';
import { isTombstone, toKekEntry, TOMBSTONE, type KekEntry } from './kek-entry';
import type { KekPaths, VaultAccess } from './kek-paths';
import type { KvPath } from './kv-path';

/** The newest version of a path. `entry` is undefined for a tombstone, a deleted version and another writer's value. */
interface Newest {
  /** 0: there is none. */
  readonly number: number;
  readonly entry: KekEntry | undefined;
  /** Another writer's value, which nobody may write over. */
  readonly isForeign: boolean;
}

/** How many versions are searched, however many KV keeps. */
const MAX_SEARCHED = 100;
/** Attempts at a write while others write. */
const MAX_ATTEMPTS = 5;

/**
 * The KEK secret in KV version 2. A version is an entry whose id is in it ({@link KekEntry}). AWSCURRENT is the newest entry of
 * the KEK's path, AWSPREVIOUS the one before it, AWSPENDING the newest of the pending path. An id is looked for in the newest
 * entries of both paths, and then from there back, as far as KV keeps versions.
 *
 * Every write is a check-and-set on the number that was read. A move or a removal that meets another number changes nothing; a
 * put looks again. Nothing is deleted, because a path whose metadata was deleted counts from 1 again, and a late write with the
 * same number would replace another value.
 */
export class VaultKekStore implements KekSecretStore, KekSecretReplica, PendingKek, FirstKekVersion {
  readonly region: string;

  constructor(private readonly access: VaultAccess) {
    this.region = access.region;
  }

  async versions(): Promise<readonly SecretVersion[]> {
    const { current: path, pending: pendingPath } = await this.access.paths();
    const stages = new Map<string, string[]>();
    const label = (token: string | undefined, stage: string): void => {
      if (token !== undefined) stages.set(token, [...(stages.get(token) ?? []), stage]);
    };
    const current = await newest(path);
    label(current.entry?.token, CURRENT);
    const previous = await findBefore(path, current.number, ({ token }) => token !== current.entry?.token);
    label(previous?.token, PREVIOUS);
    label((await newest(pendingPath)).entry?.token, PENDING);
    return [...stages].map(([versionId, labels]) => ({ versionId, stages: labels }));
  }

  async value(versionId: string): Promise<string | undefined> {
    return valueAt(await this.access.paths(), versionId);
  }

  async current(): Promise<{ versionId: string; value: string }> {
    const { number, entry } = await newest((await this.access.paths()).current);
    // Never written, or its metadata was deleted: an answer, and no failure of Vault.
    if (number === 0) throw new KeywardError('store_unavailable', 'the path of the KEK is empty', 'kek_missing');
    if (entry?.keyset === undefined) throw this.access.calls.unusable('kv read');
    return { versionId: entry.token, value: entry.keyset };
  }

  /** As in Secrets Manager, AWSPENDING leaves another version that has it; that one's value can still be read. */
  async putPending(versionId: string, value: string): Promise<'stored' | 'exists'> {
    const paths = await this.access.paths();
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const { number, entry } = this.ours(await newest(paths.pending));
      const isOurs = entry?.token === versionId;
      const stored = isOurs && entry.keyset !== undefined ? entry.keyset : await valueAt(paths, versionId);
      if (stored !== undefined) return stored === value ? 'stored' : 'exists';
      const next: KekEntry = { ...(isOurs ? entry : { token: versionId }), keyset: value };
      if ((await paths.pending.write(number, next)) === 'written') return 'stored';
    }
    throw this.access.calls.unusable('kv write');
  }

  async moveCurrent(from: string, to: string): Promise<'moved' | 'refused'> {
    const paths = await this.access.paths();
    const { number, entry } = await newest(paths.current);
    if (entry?.token !== from) return 'refused';
    const keyset = await valueAt(paths, to);
    if (keyset === undefined) return 'refused';
    const next: KekEntry = { token: to, keyset };
    return (await paths.current.write(number, next)) === 'written' ? 'moved' : 'refused';
  }

  async removePending(versionId: string): Promise<void> {
    const { pending } = await this.access.paths();
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const { number, entry } = await newest(pending);
      if (entry?.token !== versionId || (await pending.write(number, TOMBSTONE)) === 'written') return;
    }
    throw this.access.calls.unusable('kv write');
  }

  async begin(versionId: string): Promise<'begun' | 'pending'> {
    const { current, pending } = await this.access.paths();
    const { number, entry } = this.ours(await newest(pending));
    if (entry !== undefined && entry.token !== (await newest(current)).entry?.token) return 'pending';
    return (await pending.write(number, { token: versionId })) === 'written' ? 'begun' : 'pending';
  }

  async countTry(versionId: string): Promise<number | undefined> {
    const { pending } = await this.access.paths();
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const { number, entry } = await newest(pending);
      if (entry?.token !== versionId) return undefined;
      const tries = (entry.tries ?? 0) + 1;
      if ((await pending.write(number, { ...entry, tries })) === 'written') return tries;
    }
    throw this.access.calls.unusable('kv write');
  }

  async tries(versionId: string): Promise<number | undefined> {
    const { entry } = await newest((await this.access.paths()).pending);
    return entry?.token === versionId ? (entry.tries ?? 0) : undefined;
  }

  async createFirst(versionId: string, value: string): Promise<boolean> {
    const entry: KekEntry = { token: versionId, keyset: value };
    return (await (await this.access.paths()).current.write(0, entry)) === 'written';
  }

  private ours(found: Newest): Newest {
    if (found.isForeign) throw this.access.calls.unusable('kv read');
    return found;
  }
}

async function newest(path: KvPath): Promise<Newest> {
  const version = await path.read();
  if (version === undefined) return { number: 0, entry: undefined, isForeign: false };
  const { number, value } = version;
  const entry = toKekEntry(value);
  return { number, entry, isForeign: value !== undefined && entry === undefined && !isTombstone(value) };
}

/**
 * The value of a version, wherever it is; entries that were announced and not made have none. The newest entries come first: a
 * rotation asks for those, and each older one is a read of its own.
 */
async function valueAt({ current, pending }: KekPaths, versionId: string): Promise<string | undefined> {
  const isIt = (entry: KekEntry): boolean => entry.token === versionId && entry.keyset !== undefined;
  const searched: { readonly path: KvPath; readonly last: number }[] = [];
  for (const path of [current, pending]) {
    const { number: last, entry } = await newest(path);
    if (entry !== undefined && isIt(entry)) return entry.keyset;
    searched.push({ path, last });
  }
  for (const { path, last } of searched) {
    const found = await findBefore(path, last, isIt);
    if (found !== undefined) return found.keyset;
  }
  return undefined;
}

/** Searches a path from the version before `last` back. Deleted and destroyed versions are passed over. */
async function findBefore(
  path: KvPath,
  last: number,
  isWanted: (entry: KekEntry) => boolean,
): Promise<KekEntry | undefined> {
  for (let number = last - 1; number > Math.max(0, last - MAX_SEARCHED); number -= 1) {
    const version = await path.read(number);
    // KV keeps no version below this one: it answers without metadata.
    if (version === undefined) return undefined;
    const found = toKekEntry(version.value);
    if (found !== undefined && isWanted(found)) return found;
  }
  return undefined;
}
