import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ReplicateSecretToRegionsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
  type CreateSecretCommandOutput,
  type GetSecretValueCommandOutput,
  type RotateSecretCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import type { RotationEvent } from '../doubles/secrets-manager/rotation';
import { startSecretsManager, type RunningSecretsManager } from '../doubles/secrets-manager/start-secrets-manager';

/** The double under the real SDK: tests that use it rely on documented behaviour, not on a guess. */

const HOME = 'us-east-1';
const REPLICA = 'eu-west-1';
const NAME = 'keyward/kek';
const LAMBDA = 'arn:aws:lambda:us-east-1:111111111111:function:rotate-kek';
const DAY_MS = 86_400_000;

let now: number;
let running: RunningSecretsManager;
let home: SecretsManagerClient;
let replica: SecretsManagerClient;

const clientFor = (region: string, maxAttempts = 1): SecretsManagerClient =>
  new SecretsManagerClient({
    region,
    endpoint: running.endpoint,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' },
    maxAttempts,
  });

beforeEach(async () => {
  now = Date.parse('2026-11-21T09:00:00.000Z');
  running = await startSecretsManager(() => now);
  home = clientFor(HOME);
  replica = clientFor(REPLICA);
});

afterEach(async () => {
  home.destroy();
  replica.destroy();
  await running.close();
});

const create = (SecretString?: string): Promise<CreateSecretCommandOutput> =>
  home.send(new CreateSecretCommand({ Name: NAME, ...(SecretString !== undefined && { SecretString }) }));

const read = (
  by: { VersionId?: string; VersionStage?: string } = {},
  client = home,
): Promise<GetSecretValueCommandOutput> => client.send(new GetSecretValueCommand({ SecretId: NAME, ...by }));

async function put(
  value: string,
  VersionStages?: string[],
  ClientRequestToken: string = randomUUID(),
): Promise<string> {
  await home.send(
    new PutSecretValueCommand({
      SecretId: NAME,
      SecretString: value,
      ClientRequestToken,
      ...(VersionStages && { VersionStages }),
    }),
  );
  return ClientRequestToken;
}

const move = (VersionStage: string, to?: string, from?: string): Promise<unknown> =>
  home.send(
    new UpdateSecretVersionStageCommand({
      SecretId: NAME,
      VersionStage,
      ...(to !== undefined && { MoveToVersionId: to }),
      ...(from !== undefined && { RemoveFromVersionId: from }),
    }),
  );

async function stages(client = home): Promise<Record<string, string[]>> {
  return (await client.send(new DescribeSecretCommand({ SecretId: NAME }))).VersionIdsToStages ?? {};
}

const failsWith = (name: string, message?: RegExp): object => ({
  name,
  ...(message && { message: expect.stringMatching(message) as string }),
});

describe('values and versions', () => {
  test('a secret without a value has no version to read', async () => {
    const { ARN } = await create();
    expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:\d{12}:secret:keyward\/kek-\w{6}$/);
    expect(await stages()).toEqual({});
    await expect(read()).rejects.toMatchObject(failsWith('ResourceNotFoundException', /staging label: AWSCURRENT/));
  });

  test('a secret is found by its name, its ARN, and the ARN without its ending', async () => {
    const { ARN, VersionId } = await create('one');
    for (const SecretId of [NAME, ARN!, ARN!.slice(0, -7)]) {
      const found = await home.send(new GetSecretValueCommand({ SecretId }));
      expect(found).toMatchObject({ ARN, Name: NAME, SecretString: 'one', VersionId, VersionStages: ['AWSCURRENT'] });
      expect(found.CreatedDate?.getTime()).toBe(now);
    }
    await expect(home.send(new GetSecretValueCommand({ SecretId: 'other' }))).rejects.toMatchObject(
      failsWith('ResourceNotFoundException', /can't find the specified secret\.$/),
    );
    await expect(create('two')).rejects.toMatchObject(failsWith('ResourceExistsException'));
  });

  test('a version is read by id, by stage, or by both if they agree', async () => {
    const { VersionId: first } = await create('one');
    const second = await put('two', ['AWSPENDING']);
    expect((await read({ VersionId: second })).SecretString).toBe('two');
    expect((await read({ VersionStage: 'AWSPENDING' })).SecretString).toBe('two');
    expect((await read({ VersionId: second, VersionStage: 'AWSPENDING' })).SecretString).toBe('two');
    await expect(read({ VersionId: first!, VersionStage: 'AWSPENDING' })).rejects.toMatchObject(
      failsWith('InvalidRequestException'),
    );
    await expect(read({ VersionId: randomUUID() })).rejects.toMatchObject(
      failsWith('ResourceNotFoundException', /for VersionId: /),
    );
    await expect(read({ VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject(
      failsWith('ResourceNotFoundException', /staging label: AWSPREVIOUS/),
    );
  });

  test('a binary value comes back as it went in', async () => {
    await create();
    const SecretBinary = Uint8Array.of(0, 255, 7);
    await home.send(new PutSecretValueCommand({ SecretId: NAME, SecretBinary }));
    expect(Buffer.from((await read()).SecretBinary!).equals(SecretBinary)).toBe(true);
    await expect(
      home.send(new PutSecretValueCommand({ SecretId: NAME, SecretBinary, SecretString: 'both' })),
    ).rejects.toMatchObject(failsWith('InvalidParameterException'));
    await expect(home.send(new PutSecretValueCommand({ SecretId: NAME }))).rejects.toMatchObject(
      failsWith('InvalidRequestException'),
    );
  });

  test('the same token with the same value is ignored, labels and all; with another value it is refused', async () => {
    await create('one');
    const token = await put('two', ['AWSPENDING']);
    await move('AWSPENDING', undefined, token);
    await put('two', ['AWSPENDING'], token);
    expect((await stages())[token]).toBeUndefined();
    await expect(put('three', ['AWSPENDING'], token)).rejects.toMatchObject(
      failsWith('ResourceExistsException', new RegExp(token)),
    );
    expect((await read({ VersionId: token })).SecretString).toBe('two');
  });

  test('the first value becomes current at once, whatever its stages', async () => {
    await create();
    const token = await put('one', ['AWSPENDING']);
    expect((await stages())[token]?.sort()).toEqual(['AWSCURRENT', 'AWSPENDING']);
  });

  test('a put without stages becomes current, and the one before it previous', async () => {
    const { VersionId: first } = await create('one');
    const second = await put('two');
    expect(await stages()).toEqual({ [first!]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] });
    const third = await put('three');
    expect(await stages()).toEqual({ [second]: ['AWSPREVIOUS'], [third]: ['AWSCURRENT'] });
    expect((await read({ VersionId: first! })).SecretString).toBe('one');
  });

  test('a value has at most 65,536 bytes, a token 32 to 64 characters', async () => {
    await create('one');
    await put('ä'.repeat(32_768));
    await expect(put(`${'ä'.repeat(32_768)}x`)).rejects.toMatchObject(failsWith('InvalidParameterException'));
    await expect(put('two', undefined, 'short')).rejects.toMatchObject(failsWith('InvalidParameterException'));
    await expect(put('two', [])).rejects.toMatchObject(failsWith('InvalidParameterException'));
  });

  test('versions without a label go when there are 100, but not on their first day', async () => {
    const { VersionId: first } = await create('0');
    for (let index = 1; index < 100; index++) await put(String(index));
    await expect(put('100')).rejects.toMatchObject(failsWith('LimitExceededException'));
    now += DAY_MS;
    await put('100');
    await expect(read({ VersionId: first! })).rejects.toMatchObject(failsWith('ResourceNotFoundException'));
    expect((await read({ VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('99');
  });
});

describe('UpdateSecretVersionStage', () => {
  test('moves AWSCURRENT only from where it is, and AWSPREVIOUS after it', async () => {
    const { VersionId: first } = await create('one');
    const second = await put('two', ['AWSPENDING']);
    await expect(move('AWSCURRENT', second)).rejects.toMatchObject(
      failsWith('InvalidParameterException', /RemoveFromVersionId can't be empty/),
    );
    await expect(move('AWSCURRENT', second, second)).rejects.toMatchObject(failsWith('InvalidParameterException'));
    await expect(move('AWSCURRENT', randomUUID(), first)).rejects.toMatchObject(failsWith('ResourceNotFoundException'));
    await move('AWSCURRENT', second, first);
    expect(await stages()).toEqual({ [first!]: ['AWSPREVIOUS'], [second]: ['AWSPENDING', 'AWSCURRENT'] });
  });

  test('was carried out although its answer was lost; the retry fails', async () => {
    const { VersionId: first } = await create('one');
    const second = await put('two', ['AWSPENDING']);
    running.faults.plant({ operation: 'UpdateSecretVersionStage', times: 1, effect: { kind: 'drop_answer' } });
    const retrying = clientFor(HOME, 2);
    const command = { SecretId: NAME, VersionStage: 'AWSCURRENT', MoveToVersionId: second, RemoveFromVersionId: first };
    await expect(retrying.send(new UpdateSecretVersionStageCommand(command))).rejects.toMatchObject(
      failsWith('InvalidParameterException'),
    );
    retrying.destroy();
    expect((await read()).SecretString).toBe('two');
    expect(running.calls.slice(-3).map((call) => call.outcome)).toEqual(['dropped', 'InvalidParameterException', 'ok']);
  });

  test('takes a label off, but never AWSCURRENT, and needs to be told something', async () => {
    const { VersionId: first } = await create('one');
    const second = await put('two', ['AWSPENDING']);
    await expect(move('AWSCURRENT', undefined, first)).rejects.toMatchObject(failsWith('InvalidParameterException'));
    await expect(move('AWSPENDING')).rejects.toMatchObject(failsWith('InvalidParameterException'));
    await move('AWSPENDING', undefined, second);
    expect(await stages()).toEqual({ [first!]: ['AWSCURRENT'] });
    await expect(move('AWSPENDING', undefined, second)).rejects.toMatchObject(failsWith('InvalidParameterException'));
  });

  test('attaches a label that nobody has, also a second time', async () => {
    const { VersionId: first } = await create('one');
    await move('mine', first);
    await move('mine', first);
    expect(await stages()).toEqual({ [first!]: ['AWSCURRENT', 'mine'] });
  });
});

describe('RotateSecret', () => {
  let events: RotationEvent[];
  let failAt: string | undefined;

  /** The four steps, reduced to the minimum. */
  async function rotate(event: RotationEvent): Promise<void> {
    events.push(event);
    if (event.Step === failAt) throw new Error('the function failed');
    if (event.Step === 'createSecret') await put('two', ['AWSPENDING'], event.ClientRequestToken);
    if (event.Step === 'finishSecret') await move('AWSCURRENT', event.ClientRequestToken, (await read()).VersionId);
  }

  const start = (
    options: { RotateImmediately?: boolean; ClientRequestToken?: string } = {},
  ): Promise<RotateSecretCommandOutput> =>
    home.send(new RotateSecretCommand({ SecretId: NAME, RotationLambdaARN: LAMBDA, ...options }));

  beforeEach(() => {
    events = [];
    failAt = undefined;
    running.service.rotations.functions.set(LAMBDA, rotate);
  });

  test('calls the function four times with one token, and answers first', async () => {
    const { ARN } = await create('one');
    const { VersionId } = await start();
    await running.service.rotations.settled();
    expect(events.map((event) => event.Step)).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
    for (const event of events) {
      expect(Object.keys(event)).toEqual(['Step', 'SecretId', 'ClientRequestToken', 'RotationToken']);
      expect(event).toMatchObject({ SecretId: ARN, ClientRequestToken: VersionId });
    }
    expect((await stages())[VersionId!]?.sort()).toEqual(['AWSCURRENT', 'AWSPENDING']);
    const described = await home.send(new DescribeSecretCommand({ SecretId: NAME }));
    expect(described).toMatchObject({ RotationEnabled: true, RotationLambdaARN: LAMBDA });
    expect(described.LastRotatedDate?.getTime()).toBe(now);
  });

  test('announces a version that is pending and cannot be read', async () => {
    await create('one');
    failAt = 'createSecret';
    const { VersionId } = await start();
    await running.service.rotations.settled();
    expect((await stages())[VersionId!]).toEqual(['AWSPENDING']);
    await expect(read({ VersionId: VersionId! })).rejects.toMatchObject(failsWith('ResourceNotFoundException'));
    await expect(read({ VersionStage: 'AWSPENDING' })).rejects.toMatchObject(failsWith('ResourceNotFoundException'));
  });

  test('is refused while an unfinished version is pending, until it is reattempted or loses its label', async () => {
    await create('one');
    failAt = 'testSecret';
    const { VersionId } = await start();
    await running.service.rotations.settled();
    await expect(start()).rejects.toMatchObject(
      failsWith(
        'InvalidRequestException',
        /^A previous rotation isn't complete\. That rotation will be reattempted\.$/,
      ),
    );
    failAt = undefined;
    running.service.reattemptRotation(HOME, NAME);
    await running.service.rotations.settled();
    expect((await read()).VersionId).toBe(VersionId);
    expect(events.map((event) => event.Step).slice(3)[0]).toBe('createSecret');

    failAt = 'setSecret';
    const second = await start();
    await running.service.rotations.settled();
    await move('AWSPENDING', undefined, second.VersionId);
    running.service.reattemptRotation(HOME, NAME);
    await running.service.rotations.settled();
    expect((await start()).VersionId).not.toBe(second.VersionId);
    await running.service.rotations.settled();
  });

  test('with a token that is a version already starts nothing', async () => {
    await create('one');
    const { VersionId } = await start();
    await running.service.rotations.settled();
    await start({ ClientRequestToken: VersionId! });
    await running.service.rotations.settled();
    expect(events).toHaveLength(4);
  });

  test('with RotateImmediately=false tests a temporary version and removes it', async () => {
    const { VersionId: first } = await create('one');
    let pending: Record<string, string[]> = {};
    running.service.rotations.functions.set(LAMBDA, async (event) => {
      events.push(event);
      pending = await stages();
    });
    const { VersionId } = await start({ RotateImmediately: false });
    await running.service.rotations.settled();
    expect(events.map((event) => event.Step)).toEqual(['testSecret']);
    expect(pending).toEqual({ [first!]: ['AWSCURRENT'], [VersionId!]: ['AWSPENDING'] });
    expect(await stages()).toEqual({ [first!]: ['AWSCURRENT'] });
  });

  test('takes the first value as current even while a rotation runs', async () => {
    await create();
    await start();
    await running.service.rotations.settled();
    expect(events.map((event) => event.Step)).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
    expect((await read()).SecretString).toBe('two');
  });

  test('may spell steps as the user guide does, and take AWSPENDING off at the end', async () => {
    await create('one');
    running.service.rotations.stepSpelling = 'snake_case';
    running.service.pendingAfterRotation = 'removed';
    const spelled: string[] = [];
    running.service.rotations.functions.set(LAMBDA, (event) => {
      spelled.push(event.Step);
      return rotate({ ...event, Step: event.Step.replace('_secret', 'Secret') });
    });
    const { VersionId } = await start();
    await running.service.rotations.settled();
    expect(spelled).toEqual(['create_secret', 'set_secret', 'test_secret', 'finish_secret']);
    expect((await stages())[VersionId!]).toEqual(['AWSCURRENT']);
  });

  test('needs a function', async () => {
    await create('one');
    await expect(home.send(new RotateSecretCommand({ SecretId: NAME }))).rejects.toMatchObject(
      failsWith('InvalidRequestException'),
    );
  });

  test('a fresh pending version may not be readable for a moment', async () => {
    await create('one');
    running.service.pendingHiddenFor = { readsByStage: 2, readsByVersionId: 1 };
    const token = await put('two', ['AWSPENDING']);
    for (const by of [{ VersionStage: 'AWSPENDING' }, { VersionStage: 'AWSPENDING' }, { VersionId: token }]) {
      await expect(read(by)).rejects.toMatchObject(failsWith('ResourceNotFoundException'));
    }
    expect((await read({ VersionStage: 'AWSPENDING' })).SecretString).toBe('two');
    expect((await read({ VersionId: token })).SecretString).toBe('two');
    expect((await read()).SecretString).toBe('one');
  });
});

describe('replicas', () => {
  const replicate = (...regions: string[]): Promise<unknown> =>
    home.send(
      new ReplicateSecretToRegionsCommand({
        SecretId: NAME,
        AddReplicaRegions: regions.map((Region) => ({ Region })),
      }),
    );

  const status = async (): Promise<(string | undefined)[]> =>
    (await home.send(new DescribeSecretCommand({ SecretId: NAME }))).ReplicationStatus!.map((link) => link.Status);

  test('have the primary’s versions and ARN, but for the region', async () => {
    const { ARN } = await create('one');
    await replicate(REPLICA);
    const found = await read({}, replica);
    expect(found).toMatchObject({ ARN: ARN!.replace(HOME, REPLICA), SecretString: 'one' });
    const described = await replica.send(new DescribeSecretCommand({ SecretId: NAME }));
    expect(described.PrimaryRegion).toBe(HOME);
    expect(described.ReplicationStatus).toBeUndefined();
    await put('two');
    expect((await read({}, replica)).SecretString).toBe('two');
    expect(await stages(replica)).toEqual(await stages());
    await replicate(REPLICA);
    expect(await status()).toEqual(['InSync']);
  });

  test('are not where the primary is, and an ARN of another region names nothing', async () => {
    const { ARN } = await create('one');
    await expect(replicate(HOME)).rejects.toMatchObject(failsWith('InvalidParameterException'));
    await replicate(REPLICA);
    await expect(replica.send(new GetSecretValueCommand({ SecretId: ARN! }))).rejects.toMatchObject(
      failsWith('ResourceNotFoundException'),
    );
  });

  test('follow after their lag', async () => {
    await create('one');
    await replicate(REPLICA);
    running.service.replication.setLag(REPLICA, 5_000);
    await put('two');
    expect(await status()).toEqual(['InProgress']);
    expect((await read({}, replica)).SecretString).toBe('one');
    now += 5_000;
    expect((await read({}, replica)).SecretString).toBe('two');
    expect(await status()).toEqual(['InSync']);
    running.service.replication.setLag(REPLICA, Infinity);
    await put('three');
    now += 365 * DAY_MS;
    expect((await read({}, replica)).SecretString).toBe('two');
    running.service.replication.release(REPLICA);
    expect((await read({}, replica)).SecretString).toBe('three');
  });

  test('cannot be written', async () => {
    await create('one');
    await replicate(REPLICA);
    const refused = failsWith('InvalidParameterException', /^Operation not permitted on a replica secret\./);
    for (const command of [
      replica.send(new PutSecretValueCommand({ SecretId: NAME, SecretString: 'two' })),
      replica.send(new UpdateSecretVersionStageCommand({ SecretId: NAME, VersionStage: 'mine' })),
      replica.send(new RotateSecretCommand({ SecretId: NAME })),
    ]) {
      await expect(command).rejects.toMatchObject(refused);
    }
  });

  test('get stuck where two labels move back to back, and not where the first has arrived', async () => {
    const { VersionId: first } = await create('one');
    await replicate(REPLICA);
    running.service.replication.setLag(REPLICA, 5_000);
    const second = await put('two', ['AWSPENDING']);
    await move('AWSCURRENT', second, first);
    now += 5_000;
    await move('AWSPENDING', undefined, second);
    now += 5_000;
    expect(await status()).toEqual(['InSync']);

    const third = await put('three', ['AWSPENDING']);
    await move('AWSCURRENT', third, second);
    await move('AWSPENDING', undefined, third);
    now += 365 * DAY_MS;
    expect(await status()).toEqual(['InProgress']);
    expect((await read({}, replica)).SecretString).toBe('two');
    running.service.replication.release(REPLICA);
    expect((await read({}, replica)).SecretString).toBe('three');
  });
});

describe('faults', () => {
  test('fail before anything is done, in their region and operation, for as many calls as told', async () => {
    await create('one');
    running.faults.plant({
      operation: 'PutSecretValue',
      region: HOME,
      skip: 1,
      times: 2,
      effect: { kind: 'fail', name: 'InternalServiceError', status: 500, message: 'told to' },
    });
    await put('two');
    for (const value of ['three', 'four']) {
      await expect(put(value)).rejects.toMatchObject(failsWith('InternalServiceError', /^told to$/));
    }
    expect((await read()).SecretString).toBe('two');
    await put('five');
    expect((await read()).SecretString).toBe('five');
  });

  test('throttle so that the SDK tries again', async () => {
    await create('one');
    running.faults.plant({ operation: 'GetSecretValue', times: 1, effect: { kind: 'throttle' } });
    const retrying = clientFor(HOME, 2);
    expect((await read({}, retrying)).SecretString).toBe('one');
    retrying.destroy();
    expect(running.calls.slice(-2).map((call) => call.outcome)).toEqual(['ThrottlingException', 'ok']);
  });

  test('break the connection before or after the call is carried out', async () => {
    await create('one');
    running.faults.plant({ operation: 'PutSecretValue', times: 1, effect: { kind: 'refuse' } });
    await expect(put('two')).rejects.toBeDefined();
    expect((await read()).SecretString).toBe('one');
    running.faults.plant({ operation: 'PutSecretValue', times: 1, skip: 0, effect: { kind: 'drop_answer' } });
    await expect(put('three')).rejects.toBeDefined();
    expect((await read()).SecretString).toBe('three');
  });

  test('delay or withhold the answer', async () => {
    await create('one');
    running.faults.plant({ operation: 'PutSecretValue', times: 1, effect: { kind: 'delay', ms: 30 } });
    await put('two');
    running.faults.plant({ operation: 'PutSecretValue', effect: { kind: 'hang' } });
    const request = home.send(new PutSecretValueCommand({ SecretId: NAME, SecretString: 'three' }), {
      abortSignal: AbortSignal.timeout(300),
    });
    await expect(request).rejects.toMatchObject(failsWith('AbortError'));
    running.faults.clear();
    expect((await read()).SecretString).toBe('two');
  });
});

describe('the wire', () => {
  const post = async (headers: Record<string, string>, body: object): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(running.endpoint, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  const signed = {
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/${HOME}/secretsmanager/aws4_request, rest`,
  };

  test('refuses what is not an operation or not signed for the service', async () => {
    expect(await post(signed, {})).toMatchObject({ status: 400, body: { __type: 'UnknownOperationException' } });
    expect(await post({ ...signed, 'x-amz-target': 'secretsmanager.Nothing' }, {})).toMatchObject({
      body: { __type: 'UnknownOperationException' },
    });
    expect(await post({ 'x-amz-target': 'secretsmanager.GetSecretValue' }, {})).toMatchObject({
      body: { __type: 'IncompleteSignatureException' },
    });
  });

  test('checks what the SDK would not send', async () => {
    await create('one');
    const target = { ...signed, 'x-amz-target': 'secretsmanager.PutSecretValue' };
    expect(await post(target, { SecretId: NAME, SecretString: 'two' })).toMatchObject({
      body: { __type: 'InvalidRequestException' },
    });
    expect(await post(target, { SecretId: 7 })).toMatchObject({ body: { __type: 'InvalidParameterException' } });
    expect(await post(target, {})).toMatchObject({ body: { __type: 'InvalidParameterException' } });
  });
});
