import { randomUUID } from 'node:crypto';
import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import { parseKekSecretRecord, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { rotateKekEvent } from '../../../lambdas/core/kek-rotation/rotate-kek-event';
import { createEventHandler } from '../../../lambdas/core/runtime/event-handler';
import type { RunningSecretsManager } from '../../doubles/secrets-manager/start-secrets-manager';
import { startDeployment, HOME, LAMBDA, NAME, STEPS, type Deployment } from './rotate-kek-deployment';

let running: RunningSecretsManager;
let deployment: Deployment;

beforeEach(async () => {
  ({ running, deployment } = await startDeployment());
});
afterEach(() => running.close());

describe('a rotation as it should be', () => {
  test('the first one makes the first KEK from the placeholder', async () => {
    await deployment.create();
    const placeholder = await deployment.current();
    const token = await deployment.rotate();
    const { versionId, text } = await deployment.current();
    expect(versionId).toBe(token);
    expect(parseKekSecretRecord(text)).toMatchObject({ schema: 1, parent_version_id: placeholder.versionId });
    expect(deployment.messages).toEqual([{ secret_version_id: token, kek_id: parseKekSecretRecord(text).primary }]);
  });

  test('each later one keeps every KEK and puts a new primary in front; the rewrap moves every keyset', async () => {
    await deployment.bootstrap();
    const before = await deployment.kekIds();
    const token = await deployment.rotate();
    const { text } = await deployment.current();
    const { primary, keys } = parseKekSecretRecord(text);
    expect(Object.keys(keys)).toEqual(expect.arrayContaining(before));
    expect(before).not.toContain(primary);
    expect(keys[before[0]!]).toMatchObject({ state: 'unwrap_only', retired_at: expect.any(String) });
    await deployment.expectAllOpen();
    expect(await deployment.rewrap(token)).toBe('done');
    await deployment.expectAllOpen();
    const moved = [...deployment.keysets[0]!.records.values()] as KeysetRecord[];
    expect(moved.map((record) => [record.kek_id, record.revision])).toEqual([
      [primary, 2],
      [primary, 2],
    ]);
    expect(await deployment.rewrap(token)).toBe('done');
    expect(deployment.keyset('openai').revision).toBe(2);
  });

  test('intent and outcome are on record before anybody is told', async () => {
    await deployment.bootstrap();
    deployment.audit.events.length = 0;
    const token = await deployment.rotate();
    expect(deployment.audit.events).toMatchObject([
      { event_type: 'rotate', provider: null, success: null, metadata: { phase: 'intent', write_id: token } },
      { event_type: 'rotate', success: true, metadata: { phase: 'outcome', outcome: 'written', write_id: token } },
    ]);
  });

  test('no KEK becomes current, and no message goes out, while the audit log takes no event', async () => {
    await deployment.bootstrap();
    const token = await deployment.startRotation();
    for (const step of STEPS.slice(0, -1)) await deployment.rotation().run(step, token);
    const before = await deployment.current();
    const messages = [...deployment.messages];
    deployment.audit.down = true;
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toMatchObject({ code: 'audit_unavailable' });
    expect(await deployment.current()).toEqual(before);
    expect(deployment.messages).toEqual(messages);
    deployment.audit.down = false;
    await deployment.rotation().run('finishSecret', token);
    expect((await deployment.current()).versionId).toBe(token);
  });

  test('nothing is rewrapped until every region returns the new version', async () => {
    await deployment.bootstrap();
    deployment.service.replication.setLag('ap-south-1', Infinity);
    const token = await deployment.rotate();
    expect(await deployment.rewrap(token)).toBe('not_yet');
    await deployment.expectAllOpen();
    deployment.service.replication.release('ap-south-1');
    expect(await deployment.rewrap(token)).toBe('done');
    await deployment.expectAllOpen();
  });
});

describe('steps twice, late, out of order, for the wrong token', () => {
  test.each(STEPS)('%s twice', async (repeated) => {
    await deployment.bootstrap();
    const token = await deployment.startRotation();
    for (const step of STEPS) {
      await deployment.rotation().run(step, token);
      if (step === repeated) await deployment.rotation().run(step, token);
    }
    expect((await deployment.current()).versionId).toBe(token);
    await deployment.expectAllOpen();
  });

  test('a second createSecret keeps the bytes of the first', async () => {
    await deployment.bootstrap();
    const token = await deployment.startRotation();
    const value = () => deployment.store().value(token);
    await deployment.rotation().run('createSecret', token);
    const first = await value();
    await deployment.rotation().run('createSecret', token);
    expect(await value()).toBe(first);
  });

  test('two createSecrets at once end with one value', async () => {
    await deployment.bootstrap();
    const token = await deployment.startRotation();
    await Promise.all([1, 2].map(() => deployment.rotation().run('createSecret', token)));
    for (const step of STEPS.slice(1)) await deployment.rotation().run(step, token);
    await deployment.expectAllOpen();
  });

  test.each([
    ['testSecret before createSecret is tolerated as a trial', 'testSecret'],
    ['finishSecret before createSecret fails', 'finishSecret'],
  ] as const)('%s', async (_, step) => {
    await deployment.bootstrap();
    const before = await deployment.current();
    const token = await deployment.startRotation();
    const run = deployment.rotation().run(step, token);
    await (step === 'testSecret' ? run : expect(run).rejects.toThrow('not readable'));
    expect(await deployment.current()).toEqual(before);
  });

  test('finishSecret without testSecret tests all the same', async () => {
    await deployment.bootstrap();
    const token = await deployment.startRotation();
    const { text } = await deployment.current();
    const foreign = serializeKekSecret({ ...parseKekSecretRecord(text), parent_version_id: 'another' });
    await deployment.put(foreign, token);
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow('another version');
    expect((await deployment.current()).text).toBe(text);
    await deployment.rotate();
    await deployment.expectAllOpen();
  });

  test('a token that is current, was current, or was never announced', async () => {
    await deployment.bootstrap();
    const first = await deployment.rotate();
    const second = await deployment.rotate();
    deployment.messages.length = 0;
    for (const token of [first, second]) {
      for (const step of STEPS) await deployment.rotation().run(step, token);
    }
    const message = {
      secret_version_id: second,
      kek_id: (await deployment.currentRecord()).primary,
    };
    expect(deployment.messages).toEqual([message, message]);
    for (const step of STEPS) {
      await expect(deployment.rotation().run(step, randomUUID())).rejects.toThrow('not AWSPENDING');
    }
    expect((await deployment.current()).versionId).toBe(second);
  });

  test('a fresh AWSPENDING that cannot be read for a moment', async () => {
    await deployment.bootstrap();
    const token = await deployment.startRotation();
    await deployment.rotation().run('createSecret', token);
    deployment.service.pendingHiddenFor = { readsByStage: 100, readsByVersionId: 2 };
    await deployment.rotation().run('testSecret', token);
    await deployment.rotation().run('finishSecret', token);
    expect((await deployment.current()).versionId).toBe(token);
  });
});

/** Every order of the steps. */
const orders = <T>(members: readonly T[]): readonly (readonly T[])[] =>
  members.length < 2
    ? [members]
    : members.flatMap((first) => orders(members.filter((each) => each !== first)).map((rest) => [first, ...rest]));

test('steps in every order: what cannot be done yet fails, and the right order still ends well', async () => {
  await deployment.bootstrap();
  for (const order of orders(STEPS)) {
    const before = await deployment.kekIds();
    const token = await deployment.startRotation();
    for (const step of order)
      await deployment
        .rotation()
        .run(step, token)
        .catch(() => undefined);
    await Promise.all(
      order.map((step) =>
        deployment
          .rotation()
          .run(step, token)
          .catch(() => undefined),
      ),
    );
    for (const step of STEPS) await deployment.rotation().run(step, token);
    expect((await deployment.current()).versionId).toBe(token);
    expect(await deployment.kekIds()).toEqual(expect.arrayContaining(before));
    await deployment.expectAllOpen();
  }
});

/** The function's own handler, called by the double as Secrets Manager calls it. */
describe('called by Secrets Manager', () => {
  const startByService = async (RotateImmediately: boolean): Promise<string> => {
    const handler = createEventHandler(rotateKekEvent, () => ({
      clock: deployment.clock,
      rotateKek: deployment.rotation(),
      isKekSecret: (id) => id.includes(`:secret:${NAME}-`),
      logger: deployment.logger,
      flush: () => undefined,
    }));
    deployment.service.rotations.functions.set(LAMBDA, (event) => handler(event));
    const command = new RotateSecretCommand({ SecretId: NAME, RotationLambdaARN: LAMBDA, RotateImmediately });
    const { VersionId } = await deployment.client.send(command);
    await deployment.service.rotations.settled();
    return VersionId!;
  };

  test.each(['camelCase', 'snake_case'] as const)(
    'with steps in %s, AWSPENDING kept and taken off',
    async (spelling) => {
      await deployment.create();
      deployment.service.rotations.stepSpelling = spelling;
      for (const after of ['kept', 'removed', 'kept'] as const) {
        deployment.service.pendingAfterRotation = after;
        const token = await startByService(true);
        expect((await deployment.current()).versionId).toBe(token);
      }
      expect(await deployment.kekIds()).toHaveLength(3);
    },
  );

  test('RotateImmediately=false tests a temporary version, and the next rotation runs', async () => {
    await deployment.bootstrap();
    const before = await deployment.current();
    await startByService(false);
    expect(deployment.logger.lines).toMatchObject([{ level: 'info', fields: { operation: 'testSecret' } }]);
    expect(await deployment.current()).toEqual(before);
    const token = await startByService(true);
    expect((await deployment.current()).versionId).toBe(token);
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
  });

  test('a temporary version with the bytes of the current one is a trial too, and never becomes current', async () => {
    await deployment.bootstrap();
    const before = await deployment.current();
    const token = await deployment.startRotation();
    await deployment.put(before.text, token);
    await deployment.rotation().run('testSecret', token);
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow('another version');
    expect(await deployment.current()).toEqual(before);
    await deployment.rotate();
    await deployment.expectAllOpen();
  });

  test('a rotation that failed is run again from its first step, with the same token', async () => {
    await deployment.bootstrap();
    running.faults.plant({ effect: { kind: 'refuse' }, operation: 'UpdateSecretVersionStage', times: 1 });
    const token = await startByService(true);
    expect((await deployment.current()).versionId).not.toBe(token);
    deployment.service.reattemptRotation(HOME, NAME);
    await deployment.service.rotations.settled();
    expect((await deployment.current()).versionId).toBe(token);
    await deployment.expectAllOpen();
  });
});
