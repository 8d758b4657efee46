import {
  credentialContext,
  isTombstone,
  type PreviousPlace,
  type PreviousValue,
  type StoredRow,
} from '../../lambdas/core/credentials/credential';
import { withPrevious } from '../../lambdas/core/credentials/held-values';
import { openToken, parseToken, sealToken } from '../../lambdas/core/crypto/token';
import type { CredentialStore } from '../../lambdas/core/credentials/ports/credential-store';
import { credentialScanner } from '../doubles/stores/credential-scanner';
import { credentialKey } from '../doubles/stores/credential-store';
import { noAnswer } from '../doubles/stores/no-answer';
import { asRead, putConditionally } from '../doubles/stores/put-conditionally';
import type { Rows, Table } from '../doubles/stores/table';
import type { Mutant } from './mutant';
import type { ProcessPorts } from './process-ports';
import { HOME } from './regions';
import { shardsOf, tableIn } from './simulated-tables';
import type { World } from './world';

const tableOf = (ports: ProcessPorts, world: World): Table<StoredRow> =>
  tableIn(ports.process, world.tables.credentials, HOME, 'credentials');

const onHome = (ports: ProcessPorts, change: (home: CredentialStore) => Partial<CredentialStore>): ProcessPorts => {
  const home = ports.credentials[HOME]!;
  return { ...ports, credentials: { ...ports.credentials, [HOME]: { ...home, ...change(home) } } };
};

/** The scanner of an older release, in which a deleted credential held no value. */
const liveScanner = (ports: ProcessPorts, world: World): ProcessPorts['scanner'] => {
  const all = tableOf(ports, world);
  const live = (rows: Rows<StoredRow>): Rows<StoredRow> => ({
    ...rows,
    entries: () => [...rows.entries()].filter(([, row]) => !isTombstone(row)),
  });
  const table: Table<StoredRow> = { ...all, read: (what, take) => all.read(what, (rows) => take(live(rows))) };
  return credentialScanner(table, shardsOf(world.options.shardCount), () => world.tables.index);
};

/** The previous value under a wrong encryption context. */
function resealed<R extends StoredRow>(world: World, row: R, place: { from?: PreviousPlace; to?: PreviousPlace }): R {
  // No simulated process damages a row.
  const previous = row.previous as PreviousValue;
  const { provider, name } = row;
  const { metadata } = previous;
  const dek = world.checkers.keysets.dek(provider, previous.key_version)!;
  try {
    const value = openToken(
      dek,
      credentialContext(provider, name, metadata, place.from),
      parseToken(previous.ciphertext),
    );
    const context = credentialContext(provider, name, metadata, place.to);
    return withPrevious(row, { ...previous, ciphertext: sealToken(dek, context, value, world.randomness) });
  } catch {
    return row;
  }
}

const isExpiry = (record: StoredRow, read: StoredRow | undefined): boolean =>
  read?.previous !== undefined && record.previous === undefined && record.revision === read.revision;

/** Mistakes in the handling of replaced or deleted values. */
export const UNDO_MUTANTS: readonly Mutant[] = [
  {
    name: 'put-by-revision',
    what: 'a credential is put on the condition of its revision, which a rekey and an expiry leave as it is',
    ports: (ports, world) =>
      onHome(ports, () => ({
        put: (record, read) =>
          putConditionally(
            tableOf(ports, world),
            credentialKey(record.provider, record.name),
            record,
            asRead(read?.revision ?? 0),
          ),
      })),
  },
  {
    name: 'tombstones-not-counted',
    what: 'what a deleted credential holds is not looked for where values are counted and moved',
    ports: (ports, world) => ({ ...ports, scanner: liveScanner(ports, world) }),
  },
  {
    name: 'previous-not-moved',
    what: 'a rekey moves the current value alone',
    ports: (ports) =>
      ports.role !== 'worker'
        ? ports
        : onHome(ports, (home) => ({
            put: (record, read) => {
              const before = read as StoredRow;
              return home.put(isExpiry(record, before) ? record : withPrevious(record, before.previous), read);
            },
          })),
  },
  {
    name: 'previous-without-context',
    what: 'a previous value is sealed as if it were the current one',
    ports: (ports, world) => {
      const shown = <R extends StoredRow | undefined>(row: R): R =>
        row?.previous === undefined ? row : resealed(world, row, { to: row.previous as PreviousValue });
      const changed = onHome(ports, (home) => ({
        get: async (provider, name, consistent) => shown(await home.get(provider, name, consistent)),
        put: (record, read) =>
          home.put(
            record.previous === undefined
              ? record
              : resealed(world, record, { from: record.previous as PreviousValue }),
            read,
          ),
      }));
      const page: ProcessPorts['scanner']['page'] = async (provider, shard, place) => {
        const { rows, ...rest } = await ports.scanner.page(provider, shard, place);
        return { rows: rows.map(shown), ...rest };
      };
      return { ...changed, scanner: { ...ports.scanner, page } };
    },
  },
  {
    name: 'expiry-takes-fresh',
    what: 'the erasing of an expired value takes whatever stands in its place by then',
    ports: (ports, world) =>
      onHome(ports, (home) => ({
        put: (record, read) => {
          if (ports.role !== 'worker' || !isExpiry(record, read as StoredRow)) return home.put(record, read);
          const key = credentialKey(record.provider, record.name);
          const erase = () => {
            const there = world.tables.credentials.get(HOME, key)!;
            const erased = { ...withPrevious(there, undefined), write_id: record.write_id } as StoredRow;
            world.tables.credentials.write(HOME, key, erased);
            return 'written' as const;
          };
          return ports.process.call(HOME, `credentials.put ${key} without a condition`, erase, noAnswer);
        },
      })),
  },
  {
    name: 'expiry-early',
    what: 'the sweep erases previous values before their time is over',
    ports: (ports) => (ports.role === 'worker' ? { ...ports, previousValueDays: 0 } : ports),
  },
  {
    name: 'expiry-omitted',
    what: 'what is expired is erased by nobody',
    ports: (ports) => ({
      ...ports,
      dekRotationQueue: {
        send: (messages, delay) =>
          ports.dekRotationQueue.send(
            messages.filter(({ kind }) => kind !== 'expire'),
            delay,
          ),
      },
    }),
  },
  {
    name: 'expired-restored',
    what: 'a previous value can be restored until the sweep has erased it',
    ports: (ports) => (ports.role === 'api' ? { ...ports, previousValueDays: 1_000 } : ports),
  },
  {
    name: 'restore-revision',
    what: 'a restore raises no revision',
    ports: (ports) => {
      const restores = new Set<string>();
      const changed = onHome(ports, (home) => ({
        put: (record, read) =>
          home.put(restores.has(record.write_id) ? { ...record, revision: read!.revision! } : record, read),
      }));
      const append: ProcessPorts['audit']['append'] = (event) => {
        const { operation, write_id: writeId } = event.metadata;
        if (operation === 'restore_credential' && writeId !== undefined) restores.add(writeId);
        return ports.audit.append(event);
      };
      return { ...changed, audit: { ...ports.audit, append } };
    },
  },
];
