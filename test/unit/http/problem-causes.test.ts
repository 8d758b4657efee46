import { storeUnavailable } from '../../../lambdas/adapters/aws/dynamodb/store-unavailable';
import { isTombstone } from '../../../lambdas/core/credentials/credential';
import { signKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import type { ErrorCode } from '../../../lambdas/core/contract/problems';
import type { Operation } from '../../../lambdas/core/http/operation';
import { OPERATION_IDS, OPERATIONS, type OperationId } from '../../../lambdas/core/runtime/operations';
import { publish } from '../../../lambdas/core/transparency/publish';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';
import type { TestRequest } from './proxy-event-of';
import { requestOf } from './request-of';
import { expectExample } from './shown-problems';
import { testApi } from './test-api';

/** Errors that calls declare beyond those of all calls: each is provoked in the application and compared with the document. */

/** Makes a world in which the call ends so, and the changes to the example's request. */
type Cause = (world: DekRotationWorld) => Promise<Partial<TestRequest>>;

const key = { provider: 'openai', name: 'default', api_key: 'sk-example-not-a-real-key' };
const noAnswer = () => Promise.reject(storeUnavailable(new Error('no answer')));

const stored: Cause = async (world) => {
  await world.application.putCredential(caller, { ...key, metadata: { team: 'search' } });
  return {};
};

/** A previous value exists, of revision 1. */
const replaced: Cause = async (world) => {
  await stored(world);
  await world.application.putCredential(caller, { ...key, api_key: `${key.api_key}-newer` });
  return {};
};

/** Edits the row. */
const edited: Cause = async (world) => {
  await stored(world);
  const [[at, row] = ['', undefined]] = [...world.credentials.rows];
  if (row === undefined || isTombstone(row)) throw new Error('no row');
  world.credentials.rows.set(at, { ...row, metadata: { team: 'other' } });
  return {};
};

/** Nothing in the row is readable, not even its revision. */
const illegible: Cause = async (world) => {
  jest.spyOn(world.credentials, 'get').mockResolvedValue({ ...key, damaged: true, key_version: 0, row: {} });
  return Promise.resolve({});
};

const version = (of: DekRotationWorld, over: object): KeysetRecord => {
  const { mac: _, ...record } = of.rotated('openai', 'rewrap_only');
  return signKeyset(
    { ...record, versions: { ...record.versions, 1: { ...record.versions['1']!, ...over } } },
    of.keks.primary,
  );
};

const path = (rest: string): Partial<TestRequest> => ({ path: `/v1/providers/openai/${rest}` });
const AT = '2026-01-01T00:00:00.000Z';
const SCHEDULED = { unreferenced_since: AT, destruction: { scheduled_at: AT, not_before: AT } };

/** A keyset, and a request, with which each call would succeed. */
const READY: Readonly<Record<string, Cause>> = {
  changeRotationPolicy: async () =>
    Promise.resolve({ body: { enabled: true, interval_days: 30, grace_period_days: 7 } }),
  rotate: async () => Promise.resolve({}),
  abortRotation: async (world) => path(`rotations/${await world.rotate()}/abort`),
  scheduleDestruction: async (world) => {
    world.publish(version(world, { unreferenced_since: AT }));
    return Promise.resolve(path('versions/1/schedule-destruction'));
  },
  cancelDestruction: async (world) => {
    world.publish(version(world, SCHEDULED));
    return Promise.resolve(path('versions/1/cancel-destruction'));
  },
};

const changes =
  (id: OperationId, replace: () => Promise<'refused'>): Cause =>
  async (world) => {
    const over = await READY[id]!(world);
    jest.spyOn(world.home, 'replace').mockImplementation(replace);
    return over;
  };

const reports =
  (report: object | undefined): Cause =>
  async (world) => {
    jest.spyOn(world.rotations, 'report').mockResolvedValue(report as never);
    return Promise.resolve({});
  };

/** Edited between its end and its display. */
const damagedOnceAborted: Cause = async (world) => {
  const over = await READY['abortRotation']!(world);
  const report = world.rotations.report.bind(world.rotations);
  jest.spyOn(world.rotations, 'report').mockImplementation(async (provider, id) => {
    const isAborted = world.rotations.storedReports.some(({ status }) => status === 'aborted');
    return isAborted ? (DAMAGED as never) : report(provider, id);
  });
  return over;
};

const CHANGING = [
  'changeRotationPolicy',
  'rotate',
  'abortRotation',
  'scheduleDestruction',
  'cancelDestruction',
] as const;
/** Of a credential. */
const CHANGES = [
  'putCredential',
  'patchCredential',
  'deleteCredential',
  'restoreCredential',
  'purgePreviousValue',
] as const;
const DAMAGED = { provider: 'openai', rotation_id: '019a2f6b1c4000112233445566778899', damaged: true };

const CAUSES: Readonly<Record<string, Cause>> = {
  'decrypt decryption_failed': async () => Promise.resolve({ body: { ciphertext: 'kw1.' } }),
  'rewrap decryption_failed': async () => Promise.resolve({ body: { ciphertext: 'kw1.openai.1.' } }),
  'decrypt key_version_retired': async (world) => {
    const { ciphertext } = await world.application.encrypt(caller, { provider: 'openai', plaintext: 'x', context: {} });
    world.publish(world.rotated('openai', 'rewrap_only'));
    world.restart();
    return { body: { ciphertext } };
  },
  'describeCredential credential_not_found': async () => Promise.resolve({}),
  'describeAuditEvent audit_event_not_found': async () => Promise.resolve({}),
  ...Object.fromEntries(
    (['listCheckpoints', 'proveAuditEvent', 'readLog', 'publishLog'] as const).map((id) => [
      `${id} log_not_found`,
      async () => Promise.resolve({}),
    ]),
  ),
  'proveAuditEvent audit_event_not_found': async (world) => {
    world.publishing();
    return Promise.resolve({});
  },
  'proveAuditEvent event_not_published': async (world) => {
    world.publishing();
    await stored(world);
    return { path: `/v1/audit/events/${world.audit.events[0]!.id}/proof` };
  },
  'proveAuditEvent log_damaged': async (world) => {
    const logs = world.publishing();
    await stored(world);
    logs.archiveAll();
    const log = logs.of('eu-west-1');
    await publish(log.publisher());
    log.values.set('checkpoint', { bytes: Buffer.from('edited'), tag: '' });
    return { path: `/v1/audit/events/${world.audit.events[0]!.id}/proof` };
  },
  'readLog log_object_not_found': async (world) => {
    world.publishing();
    return Promise.resolve({ query: { path: 'checkpoint' } });
  },
  'publishLog log_damaged': async (world) => {
    world
      .publishing()
      .of('eu-west-1')
      .values.set('checkpoint', { bytes: Buffer.from('edited'), tag: '' });
    return Promise.resolve({});
  },
  'revealCredential credential_not_found': async () => Promise.resolve({}),
  'deleteCredential credential_not_found': async () => Promise.resolve({}),
  'patchCredential credential_not_found': async () => Promise.resolve({}),
  'describePreviousValue credential_not_found': async () => Promise.resolve({}),
  'restoreCredential credential_not_found': async () => Promise.resolve({}),
  'purgePreviousValue credential_not_found': async () => Promise.resolve({}),
  'describePreviousValue credential_damaged': async (world) => {
    await replaced(world);
    const [[at, row] = ['', undefined]] = [...world.credentials.rows];
    if (row === undefined) throw new Error('no row');
    world.credentials.rows.set(at, { ...row, previous: { damaged: true, key_version: 1, stored: 'edited' } });
    return {};
  },
  'describePreviousValue previous_value_not_found': stored,
  'restoreCredential previous_value_not_found': stored,
  'purgePreviousValue previous_value_not_found': stored,
  'restoreCredential previous_value_changed': async (world) => {
    await replaced(world);
    return { body: { revision: 2 } };
  },
  'describeCredential credential_damaged': illegible,
  'revealCredential credential_damaged': edited,
  'putCredential credential_damaged': illegible,
  'deleteCredential credential_damaged': illegible,
  'patchCredential credential_damaged': edited,
  'restoreCredential credential_damaged': illegible,
  'purgePreviousValue credential_damaged': illegible,
  'putCredential metadata_required': async (world) => {
    await edited(world);
    return { body: { api_key: key.api_key } };
  },
  'putCredential precondition_failed': async (world) => {
    await stored(world);
    return { headers: { 'if-none-match': '*' } };
  },
  ...Object.fromEntries(
    CHANGES.filter((id) => id !== 'putCredential').map((id) => [
      `${id} precondition_failed`,
      async (world: DekRotationWorld) => {
        await replaced(world);
        return { headers: { 'if-match': '"99"' } };
      },
    ]),
  ),
  ...Object.fromEntries(
    CHANGES.flatMap((id) => [
      [
        `${id} conflict`,
        async (world: DekRotationWorld) => {
          await replaced(world);
          world.credentials.beforePut = () => 'refused';
          return {};
        },
      ],
      [
        `${id} outcome_unknown`,
        async (world: DekRotationWorld) => {
          await replaced(world);
          jest.spyOn(world.credentials, 'put').mockImplementation(noAnswer);
          return {};
        },
      ],
    ]),
  ),
  ...Object.fromEntries(
    CHANGING.flatMap((id) => [
      [`${id} conflict`, changes(id, async () => Promise.resolve('refused'))],
      [`${id} outcome_unknown`, changes(id, noAnswer)],
    ]),
  ),
  'rotateKek conflict': async (world) => {
    world.kek.grow(99);
    return Promise.resolve({});
  },
  'rotateKek outcome_unknown': async (world) => {
    world.kek.onRequest = noAnswer;
    return Promise.resolve({});
  },
  'moveKek conflict': async () => Promise.resolve({}),
  'moveKek outcome_unknown': async (world) => {
    world.kek.homes = { home: 'vault', movingFrom: 'aws' };
    world.kek.moveTable.writesDown = true;
    return Promise.resolve({});
  },
  'rotate rotation_running': async (world) => {
    await world.rotate();
    return {};
  },
  'rotate key_version_state': async (world) => {
    const { mac: _, ...record } = world.keyset('openai');
    const destroyed = Array.from({ length: 500 }, (__, n) => [n + 2, { state: 'destroyed', created_at: AT }]);
    const versions = { ...record.versions, ...Object.fromEntries(destroyed) } as KeysetRecord['versions'];
    world.publish(signKeyset({ ...record, versions }, world.keks.primary));
    return Promise.resolve({});
  },
  'abortRotation rotation_state': async (world) => {
    const id = await world.rotate({ emergency: true });
    await world.deliver();
    return path(`rotations/${id}/abort`);
  },
  'scheduleDestruction key_version_state': async () => Promise.resolve(path('versions/1/schedule-destruction')),
  'scheduleDestruction key_version_referenced': async (world) => {
    world.publish(version(world, {}));
    return Promise.resolve(path('versions/1/schedule-destruction'));
  },
  'cancelDestruction key_version_state': async () => Promise.resolve(path('versions/1/cancel-destruction')),
  ...Object.fromEntries(
    (['rotate', 'describeRotation', 'abortRotation'] as const).flatMap((id) => [
      [`${id} rotation_damaged`, id === 'abortRotation' ? damagedOnceAborted : reports(DAMAGED)],
      [`${id} rotation_not_found`, reports(undefined)],
    ]),
  ),
};

const DECLARED = OPERATION_IDS.filter((id) => id !== 'checkReadiness').flatMap((id) => {
  const { problemDetails }: Operation = OPERATIONS[id];
  return Object.keys(problemDetails).map((code) => [id, code as ErrorCode] as const);
});

test('each that is provoked is declared', () => {
  expect(Object.keys(CAUSES).sort()).toEqual(DECLARED.map((pair) => pair.join(' ')).sort());
});

test.each(DECLARED)('%s: %s', async (id, code) => {
  const world = new DekRotationWorld({ inHomeRegion: true });
  const over = await CAUSES[`${id} ${code}`]!(world);
  const api = testApi({ ...world.application, ...world.use });
  const reply = api.call(OPERATIONS[id].function, requestOf(id, over));
  if (code !== 'rotation_running') return expectExample(id, code, reply);
  // The running rotation cannot be the same.
  const { body } = await reply;
  expect(JSON.parse(body)).toMatchObject({ rotation_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
});
