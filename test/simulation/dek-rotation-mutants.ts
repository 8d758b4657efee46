import { PUBLISH_MS } from '../../lambdas/core/contract/protocol-times';
import { keysUnavailable } from '../../lambdas/core/errors/errors';
import { proveDek } from '../../lambdas/core/dek-rotation/dek-proof';
import { wrapNewDek } from '../../lambdas/core/crypto/wrapped-dek';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { RegionProver } from '../../lambdas/core/dek-rotation/ports/region-prover';
import type { Mutant } from './mutant';
import type { ProcessPorts } from './process-ports';
import { resigned, withVersions, writingKeysets } from './resigned-keyset';

const DAY_MS = 86_400_000;

const ahead = (clock: Clock, ms: number): Clock => ({ ...clock, now: () => clock.now() + ms });

/** The prover of a region that is not asked. */
const proving = (ports: ProcessPorts, prove: (region: string) => RegionProver['prove']): ProcessPorts => {
  const [home, ...others] = ports.provers.map(({ region }) => ({ region, prove: prove(region) }));
  return { ...ports, provers: [home!, ...others] };
};

const scanning = (ports: ProcessPorts, change: Partial<ProcessPorts['scanner']>): ProcessPorts => ({
  ...ports,
  scanner: { ...ports.scanner, ...change },
});

/** Mistakes in the rotation of DEKs. */
export const DEK_ROTATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'no-proof',
    what: 'home takes it for granted that every region can unwrap a version',
    ports: (ports, world) =>
      proving(ports, (region) => (challenge) => {
        const dek = world.checkers.keysets.dek(challenge.provider, challenge.version)!;
        return Promise.resolve(proveDek(dek, challenge, region));
      }),
  },
  {
    name: 'older-proof',
    what: 'a region proves a version by whatever revision it has',
    ports: (ports, world) =>
      proving(ports, (region) => (challenge) => {
        const copy = world.tables.keysets.get(region, challenge.provider);
        const dek = world.checkers.keysets.dek(challenge.provider, challenge.version);
        return copy?.versions[challenge.version] === undefined || dek === undefined
          ? Promise.reject(keysUnavailable('unknown_version'))
          : Promise.resolve(proveDek(dek, challenge, region));
      }),
  },
  {
    name: 'promoted-early',
    what: 'a version is promoted as soon as it is proved, not 62 seconds after it was published',
    ports: (ports) => {
      if (ports.role === 'worker') return { ...ports, clock: ahead(ports.clock, PUBLISH_MS + 1_000) };
      return { ...ports, dekRotationQueue: { send: (messages) => ports.dekRotationQueue.send(messages, 0) } };
    },
  },
  {
    name: 'two-primaries',
    what: 'a promotion leaves the version before it a primary',
    ports: (ports, world) =>
      writingKeysets(ports, (home) => ({
        replace: (record, expected) => {
          const { promoted_at: at } = record.rotation ?? {};
          const next = withVersions(world, record, (entry) =>
            at !== undefined && entry.superseded_at === at ? { ...entry, state: 'primary' } : entry,
          );
          return home.replace(next, expected);
        },
      })),
  },
  {
    name: 'count-omitted',
    what: 'a promotion does not count',
    ports: (ports, world) =>
      writingKeysets(ports, (home) => ({
        replace: (record, expected) => home.replace(resigned(world, record, { dek_rotation_count: 0 }), expected),
      })),
  },
  {
    name: 'number-reused',
    what: 'the number of a version that was given up is used for the next one',
    ports: (ports, world) =>
      writingKeysets(ports, (home) => ({
        replace: (record, expected) => {
          const { rotation } = record;
          const before = rotation === undefined ? 0 : rotation.version - 1;
          const isFree = before > record.primary_version && record.versions[before] === undefined;
          if (rotation?.phase !== 'publishing' || !isFree) return home.replace(record, expected);
          const kek = world.kekSecret.kek(record.kek_id)!;
          const { [rotation.version]: fresh, ...versions } = record.versions;
          const reused = { ...fresh!, encrypted_dek: wrapNewDek(kek, record.provider, before, ports.randomness) };
          const change = { versions: { ...versions, [before]: reused }, rotation: { ...rotation, version: before } };
          return home.replace(resigned(world, record, change), expected);
        },
      })),
  },
  {
    name: 'no-grace',
    what: 'the grace period never starts',
    ports: (ports) =>
      writingKeysets(ports, (home) => ({
        replace: (record, expected) => {
          const isStart = Object.values(record.versions).some(
            ({ state, grace_until: until }) => state === 'decrypt_only' && until !== undefined,
          );
          return isStart ? Promise.resolve('refused') : home.replace(record, expected);
        },
      })),
  },
  {
    name: 'lost-messages',
    what: 'messages of a rotation are lost, and nobody sends them again',
    ports: (ports) => ({
      ...ports,
      dekRotationQueue: {
        send: (messages, delay) =>
          ports.dekRotationQueue.send(
            messages.filter(({ kind }) => kind === 'advance'),
            delay,
          ),
      },
    }),
  },
  {
    name: 'shard-skipped',
    what: 'one shard is not looked at',
    ports: (ports) =>
      scanning(ports, {
        page: (provider, shard, page) =>
          shard === 0 ? Promise.resolve({ rows: [] }) : ports.scanner.page(provider, shard, page),
        countByVersion: (provider, shard) =>
          shard === 0 ? Promise.resolve(new Map<number, number>()) : ports.scanner.countByVersion(provider, shard),
      }),
  },
  {
    name: 'last-page-lost',
    what: 'the last credential of a page is left out',
    ports: (ports) =>
      scanning(ports, {
        page: async (provider, shard, page) => {
          const { rows, ...rest } = await ports.scanner.page(provider, shard, page);
          return { rows: rows.slice(0, -1), ...rest };
        },
      }),
  },
  {
    name: 'retired-unverified',
    what: 'a version is retired without a look at what is under it',
    ports: (ports) =>
      ports.role === 'sweep'
        ? scanning(ports, {
            countByVersion: () => Promise.resolve(new Map<number, number>()),
            shardsWith: () => Promise.resolve([]),
          })
        : ports,
  },
  {
    name: 'destroyed-early',
    what: 'a version is destroyed before its window is over',
    ports: (ports) => (ports.role === 'sweep' ? { ...ports, clock: ahead(ports.clock, 40 * DAY_MS) } : ports),
  },
  {
    name: 'destroyed-in-use',
    what: 'a rotation destroys the old version as it ends its grace period',
    ports: (ports, world) =>
      writingKeysets(ports, (home) => ({
        replace: (record, expected) => {
          const next = withVersions(world, record, ({ encrypted_dek: wrapped, ...entry }) =>
            entry.state === 'rewrap_only'
              ? { ...entry, state: 'destroyed' }
              : { ...entry, ...(wrapped !== undefined && { encrypted_dek: wrapped }) },
          );
          return home.replace(next, expected);
        },
      })),
  },
];
