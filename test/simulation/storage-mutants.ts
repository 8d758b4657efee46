import type { StoredRow } from '../../lambdas/core/credentials/credential';
import type { WriteResult } from '../../lambdas/core/ports/write-result';
import { credentialKey } from '../doubles/stores/credential-store';
import { noAnswer } from '../doubles/stores/no-answer';
import type { Mutant } from './mutant';
import type { ProcessPorts } from './process-ports';
import { HOME } from './regions';
import { resigned, writingKeysets } from './resigned-keyset';
import type { World } from './world';

/** Writes without its condition. */
const put = (ports: ProcessPorts, world: World, record: StoredRow): Promise<WriteResult> =>
  ports.process.call(
    HOME,
    'credentials.put without a condition',
    () => {
      world.tables.credentials.write(HOME, credentialKey(record.provider, record.name), record);
      return 'written' as const;
    },
    noAnswer,
  );

const onCredentials = (ports: ProcessPorts, change: Partial<ProcessPorts['credentials'][string]>): ProcessPorts => ({
  ...ports,
  credentials: { ...ports.credentials, [HOME]: { ...ports.credentials[HOME]!, ...change } },
});

/** Mistakes in writes. */
export const STORAGE_MUTANTS: readonly Mutant[] = [
  {
    name: 'keyset-condition',
    what: 'a keyset is replaced without a condition',
    ports: (ports, world) =>
      writingKeysets(ports, () => ({
        replace: (record) =>
          ports.process.call(
            HOME,
            'keysets.put without a condition',
            () => {
              world.tables.keysets.write(HOME, record.provider, record);
              return 'written' as const;
            },
            noAnswer,
          ),
      })),
  },
  {
    name: 'credential-condition',
    what: 'a credential is put without a condition',
    ports: (ports, world) => onCredentials(ports, { put: (record) => put(ports, world, record) }),
  },
  {
    name: 'rekey-condition',
    what: "re-encryption overwrites a user's update",
    ports: (ports, world) =>
      ports.role === 'worker' ? onCredentials(ports, { put: (record) => put(ports, world, record) }) : ports,
  },
  {
    name: 'lost-answer-is-refusal',
    what: 'a write whose answer is lost counts as refused, without a look',
    ports: (ports, { tables }) =>
      onCredentials(ports, {
        put: (record, read) => {
          const key = credentialKey(record.provider, record.name);
          const take = (): WriteResult => {
            if (tables.credentials.get(HOME, key)?.write_id !== read?.write_id) return 'refused';
            tables.credentials.write(HOME, key, record);
            return 'written';
          };
          return ports.process.call(HOME, 'credentials.put once', take, noAnswer).catch(() => 'refused');
        },
      }),
  },
  {
    name: 'replica-write',
    what: 'credentials are written in the region where the request was served',
    ports: (ports) => ({
      ...ports,
      credentials: { ...ports.credentials, [HOME]: ports.credentials[ports.process.region]! },
    }),
  },
  {
    name: 'revision-reused',
    what: 'a change of a keyset keeps the revision',
    ports: (ports, world) =>
      writingKeysets(ports, (home) => ({
        replace: (record, expected) => home.replace(resigned(world, record, { revision: expected }), expected),
      })),
  },
  {
    name: 'audit-after-reply',
    what: 'nobody waits until an audit event is durable',
    ports: (ports) => ({
      ...ports,
      audit: {
        ...ports.audit,
        append: (event) => {
          void ports.audit.append(event).catch(() => undefined);
          return Promise.resolve();
        },
      },
    }),
  },
  {
    name: 'audit-failure-ignored',
    what: 'an audit event that could not be written is forgotten',
    ports: (ports) => ({
      ...ports,
      audit: { ...ports.audit, append: (event) => ports.audit.append(event).catch(() => undefined) },
    }),
  },
  {
    name: 'transition-without-intent',
    what: 'a promotion has no intent in the audit log',
    ports: (ports) => ({
      ...ports,
      audit: {
        ...ports.audit,
        append: ({ metadata, ...event }) =>
          metadata.operation === 'promote_version' && metadata.phase === 'intent'
            ? Promise.resolve()
            : ports.audit.append({ ...event, metadata }),
      },
    }),
  },
  {
    name: 'intents-left-open',
    what: 'the sweep does not find what a crash left open',
    ports: (ports) => ({ ...ports, audit: { ...ports.audit, find: () => Promise.resolve([]) } }),
  },
];
