import { signKeyset } from '../../lambdas/core/keysets/dek-keyset';
import type { DekVersionRecord, KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import type { KeysetStore } from '../../lambdas/core/keysets/ports/keyset-store';
import type { ProcessPorts } from './process-ports';
import { HOME } from './regions';
import type { World } from './world';

/** A changed keyset, signed as if Keyward had written it. */
export const resigned = (world: World, record: KeysetRecord, change: Partial<KeysetRecord>): KeysetRecord =>
  signKeyset({ ...record, ...change }, world.kekSecret.kek(record.kek_id)!);

/** The same with other versions. */
export const withVersions = (
  world: World,
  record: KeysetRecord,
  map: (entry: DekVersionRecord, version: number) => DekVersionRecord | undefined,
): KeysetRecord => {
  const entries = Object.entries(record.versions).map(
    ([number, entry]) => [number, map(entry, Number(number))] as const,
  );
  const versions = Object.fromEntries(
    entries.filter((pair): pair is readonly [string, DekVersionRecord] => pair[1] !== undefined),
  );
  return resigned(world, record, { versions });
};

/** Ports that change keysets when they are written in the home region. */
export const writingKeysets = (
  ports: ProcessPorts,
  change: (home: KeysetStore) => Partial<KeysetStore>,
): ProcessPorts => {
  const home = ports.keysets[HOME]!;
  return { ...ports, keysets: { ...ports.keysets, [HOME]: { ...home, ...change(home) } } };
};

/** Ports that change keysets when they are read, in every region. */
export const readingKeysets = (
  ports: ProcessPorts,
  read: (store: KeysetStore, provider: string) => Promise<unknown>,
): ProcessPorts => ({
  ...ports,
  keysets: Object.fromEntries(
    Object.entries(ports.keysets).map(([region, store]) => [
      region,
      { ...store, get: (provider: string) => read(store, provider) },
    ]),
  ),
});
