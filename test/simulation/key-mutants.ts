import type { KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import type { KekSecretReplica } from '../../lambdas/core/kek-rotation/ports/kek-secret-store';
import { noAnswer } from '../doubles/stores/no-answer';
import type { Mutant } from './mutant';
import { HOME } from './regions';
import type { ProcessPorts } from './process-ports';
import { readingKeysets, withVersions } from './resigned-keyset';
import type { World } from './world';

/** Mistakes in the rotation of KEKs, and in the copies of keys that processes hold. */
export const KEY_MUTANTS: readonly Mutant[] = [
  {
    name: 'stale-parent',
    what: 'the next KEK secret is built from what this process read for the one before',
    ports: (ports) => {
      if (ports.role !== 'rotate-kek') return ports;
      const kept: { first?: Promise<string | undefined> } = {};
      return {
        ...ports,
        kekStore: {
          versions: () => ports.kekStore.versions(),
          putPending: (versionId, value) => ports.kekStore.putPending(versionId, value),
          moveCurrent: (from, to) => ports.kekStore.moveCurrent(from, to),
          removePending: (versionId) => ports.kekStore.removePending(versionId),
          value: async (versionId) => {
            const { versionId: current } = await ports.kekReplicas[0].current();
            if (versionId !== current) return ports.kekStore.value(versionId);
            kept.first ??= ports.kekStore.value(versionId);
            return kept.first;
          },
        },
      };
    },
  },
  {
    name: 'references-by-configuration',
    what: 'only the keysets of configured providers count as references to a KEK, and only they are rewrapped',
    ports: (ports, world) => {
      const keysets = Object.entries(ports.keysets).map(([region, store]) => [
        region,
        {
          ...store,
          all: async () => (await store.all()).filter(({ provider }) => world.configured.includes(provider)),
        },
      ]);
      return { ...ports, keysets: Object.fromEntries(keysets) as typeof ports.keysets };
    },
  },
  {
    name: 'rewrap-early',
    what: 'keysets are rewrapped before every region has the new KEK',
    ports: (ports) => {
      const [home, ...others] = ports.kekReplicas;
      const asHome = ({ region }: KekSecretReplica): KekSecretReplica => ({ region, current: () => home.current() });
      return { ...ports, kekReplicas: [home, ...others.map(asHome)] };
    },
  },
  {
    name: 'rewrap-omitted',
    what: 'the message that asks for a rewrap is lost, and the sweep does not rewrap',
    ports: (ports) => {
      const [{ region }, ...others] = ports.kekReplicas;
      const silent = { region, current: () => Promise.reject(noAnswer()) };
      const rewrapQueue = { send: () => Promise.resolve() };
      return { ...ports, rewrapQueue, ...(ports.role === 'sweep' && { kekReplicas: [silent, ...others] as const }) };
    },
  },
  {
    name: 'stale-storing',
    what: 'a credential is sealed with the keyset as this process once read it at home',
    ports: (ports) => {
      if (ports.role !== 'api') return ports;
      const home = ports.keysets[HOME]!;
      const kept = new Map<string, Promise<unknown>>();
      const get = (provider: string): Promise<unknown> => {
        if (!kept.has(provider)) kept.set(provider, home.get(provider));
        return kept.get(provider)!;
      };
      return { ...ports, keysets: { ...ports.keysets, [HOME]: { ...home, get } } };
    },
  },
  {
    name: 'cache-for-ever',
    what: 'a process never reads a keyset again',
    ports: (ports) => {
      if (ports.role !== 'api') return ports;
      const kept = new Map<string, Promise<unknown>>();
      return readingKeysets(ports, (store, provider) => {
        const key = `${store.region} ${provider}`;
        if (!kept.has(key)) kept.set(key, store.get(provider));
        return kept.get(key)!;
      });
    },
  },
  {
    name: 'retirement-ignored',
    what: 'a retired version goes on opening tokens',
    ports: (ports, world) =>
      readingVersions(ports, world, (entry) =>
        entry.state === 'rewrap_only' ? { ...entry, state: 'decrypt_only' } : entry,
      ),
  },
  {
    name: 'retired-omitted',
    what: 'a retired version is unknown to those who open tokens',
    ports: (ports, world) =>
      readingVersions(ports, world, (entry) => (entry.state === 'rewrap_only' ? undefined : entry)),
  },
];

/** The API's ports, to which the keysets of every read have other versions. */
function readingVersions(ports: ProcessPorts, world: World, change: Parameters<typeof withVersions>[2]): ProcessPorts {
  if (ports.role !== 'api') return ports;
  return readingKeysets(ports, async (store, provider) => {
    const record = (await store.get(provider)) as KeysetRecord | undefined;
    return record && withVersions(world, record, change);
  });
}
