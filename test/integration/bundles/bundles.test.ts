import { randomUUID } from 'node:crypto';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { parseKekSecretRecord } from '../../../lambdas/core/crypto/kek-keyset';
import { MAX_PLAINTEXT_BYTES } from '../../../lambdas/core/contract/limits';
import { JSON_FORMS, largestContext, textOf } from '../../doubles/json-forms';
import { describeUnless } from '../../skip-without';
import { FUNCTIONS, type BundledFunction } from './bundled-function';
import { BundledDeployment, HOME, KEK_SECRET, proxyEvent, request, ROTATION_LAMBDA } from './bundled-deployment';
import { fetchNode } from './fetch-node';
import { sqsEvent } from '../wiring/sqs-event';
import { sharedBundles } from './shared-bundles';

const KEY = 'sk-example-not-a-real-key';
const PLACEHOLDER = '{"schema":1}';
const MINUTE_MS = 60_000;

let bundles: string;

beforeAll(async () => {
  bundles = await sharedBundles();
});

const testBundles = (node: string): void => {
  let deployment: BundledDeployment;
  const inDeployment = async (secret: string | undefined, run: () => Promise<void>): Promise<void> => {
    deployment = await BundledDeployment.start(node, bundles, secret);
    try {
      await run();
    } finally {
      await deployment.close();
    }
  };

  /** The functions after a deployment: first KEK, a keyset for each provider. */
  const bootstrapped = async (): Promise<BundledFunction> => {
    const rotateKek = await deployment.function('rotate-kek');
    deployment.rotateWith(rotateKek);
    // As the stack does: the secret knows its function, and this rotates nothing.
    await deployment.client.send(
      new RotateSecretCommand({ SecretId: KEK_SECRET, RotationLambdaARN: ROTATION_LAMBDA, RotateImmediately: false }),
    );
    await deployment.secrets.service.rotations.settled();
    const bootstrap = await deployment.function('bootstrap');
    const event = { RequestType: 'Create', ResourceProperties: { ServiceToken: 'x' }, LogicalResourceId: 'x' };
    expect(await bootstrap.invoke(event)).toEqual({ PhysicalResourceId: 'keyward-bootstrap' });
    expect(await bootstrap.invoke({ ...event, RequestType: 'Update' })).toEqual({
      PhysicalResourceId: 'keyward-bootstrap',
    });
    return rotateKek;
  };

  const put = async (value: string): Promise<void> => {
    const command = new PutSecretValueCommand({ SecretId: KEK_SECRET, SecretString: value });
    await deployment.client.send(command);
  };

  test('serve every route of the API, after a bootstrap that made the first KEK', async () => {
    await inDeployment(PLACEHOLDER, async () => {
      await bootstrapped();
      const api = {
        encrypt: await deployment.function('encrypt'),
        decrypt: await deployment.function('decrypt', { AWS_REGION: 'eu-west-1' }),
        rewrap: await deployment.function('rewrap'),
        credentials: await deployment.function('credentials'),
        keys: await deployment.function('keys'),
        audit: await deployment.function('audit'),
        health: await deployment.function('health'),
      };
      const openai = '/v1/providers/openai';
      const sealed = await request(api.encrypt, 'POST', `${openai}/encrypt`, {
        plaintext: KEY,
        context: { team: 'a' },
      });
      expect(sealed).toMatchObject({ status: 200, body: { ciphertext: expect.stringMatching(/^kw1\.openai\.1\./) } });
      const { ciphertext } = sealed.body;
      const opened = await request(api.decrypt, 'POST', `${openai}/decrypt`, { ciphertext, context: { team: 'a' } });
      expect(opened).toMatchObject({ status: 200, body: { plaintext: KEY } });
      const refused = await request(api.decrypt, 'POST', `${openai}/decrypt`, { ciphertext, context: { team: 'b' } });
      expect(refused).toMatchObject({ status: 400, body: { code: 'decryption_failed' } });
      const rewrapped = await request(api.rewrap, 'POST', `${openai}/rewrap`, { ciphertext, context: { team: 'a' } });
      expect(rewrapped.status).toBe(200);

      // The longest that JSON can make of the longest text beside the largest context, and back.
      const [longest, largest] = [textOf('\0', MAX_PLAINTEXT_BYTES), largestContext('\0')];
      const python = JSON_FORMS['Python by default']!;
      const long = await request(
        api.encrypt,
        'POST',
        `${openai}/encrypt`,
        python({ plaintext: longest, context: largest }),
      );
      const given = python({ ciphertext: long.body['ciphertext'], context: largest });
      expect((await request(api.decrypt, 'POST', `${openai}/decrypt`, given)).body['plaintext'] === longest).toBe(true);
      expect((await request(api.rewrap, 'POST', `${openai}/rewrap`, given)).status).toBe(200);

      const credential = `${openai}/credentials/production`;
      expect((await request(api.credentials, 'PUT', credential, { api_key: KEY })).status).toBe(201);
      expect(await request(api.credentials, 'POST', `${credential}/reveal`)).toMatchObject({
        status: 200,
        body: { api_key: KEY },
      });
      expect((await request(api.credentials, 'DELETE', credential)).status).toBe(204);

      expect(await request(api.keys, 'GET', '/v1/providers')).toMatchObject({
        status: 200,
        body: { providers: [{ provider: 'openai' }, { provider: 'google' }] },
      });
      expect(await request(api.health, 'GET', '/healthz')).toMatchObject({ status: 200 });
      expect(await request(api.health, 'GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
      const today = new Date().toISOString().slice(0, 10);
      const range = `from=${today}T00:00:00.000Z&to=${today}T23:59:59.999Z`;
      const log = await request(api.audit, 'GET', `/v1/audit/events?${range}&provider=openai&limit=100`);
      const types = (log.body['events'] as { event_type: string }[]).map((event) => event.event_type);
      expect(types).toEqual(
        expect.arrayContaining(['encrypt', 'decrypt', 'failed_decrypt', 'rewrap', 'config_change']),
      );

      // The functions' output: lines of JSON, metrics in EMF, and no data that they handled.
      const written = Object.values(api).map((each) => each.output);
      const lines = written
        .join('')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines).toContainEqual(
        expect.objectContaining({ level: 'INFO', service: 'keyward', message: 'request served', status: 200 }),
      );
      expect(lines).toContainEqual(expect.objectContaining({ failed_decrypt: 1, service: 'keyward' }));
      expect(lines).toContainEqual(
        expect.objectContaining({
          kek_age_days: expect.any(Number),
          _aws: expect.objectContaining({
            CloudWatchMetrics: [expect.objectContaining({ Namespace: 'Keyward', Dimensions: [['service']] })],
          }),
        }),
      );
      for (const secret of [KEY, String(ciphertext), 'team']) expect(written.join('')).not.toContain(secret);
    });
  });

  test('rotate the KEK by the four steps as Secrets Manager sends them, and rewrap by the message that follows', async () => {
    await inDeployment(PLACEHOLDER, async () => {
      const rotateKek = await bootstrapped();
      const { secrets, sqs } = deployment;
      secrets.service.rotations.stepSpelling = 'snake_case';
      const keys = await deployment.function('keys');
      const encrypt = await deployment.function('encrypt');
      const decrypt = await deployment.function('decrypt');
      const path = '/v1/providers/google';
      const { ciphertext } = (await request(encrypt, 'POST', `${path}/encrypt`, { plaintext: KEY })).body;
      sqs.bodies.length = 0;

      const { VersionId } = await deployment.client.send(new RotateSecretCommand({ SecretId: KEK_SECRET }));
      await secrets.service.rotations.settled();
      const { SecretString, VersionId: current } = await deployment.client.send(
        new GetSecretValueCommand({ SecretId: KEK_SECRET }),
      );
      expect(current).toBe(VersionId);
      const kekId = parseKekSecretRecord(SecretString!).primary;
      expect(sqs.bodies.map((body) => JSON.parse(body) as unknown)).toEqual([
        { secret_version_id: current, kek_id: kekId },
      ]);
      const [message] = sqs.bodies;

      const rewrapDeks = await deployment.function('rewrap-deks');
      const before = await request(keys, 'GET', path);
      const event = sqsEvent([message!, 'not JSON', '{"secret_version_id":"x"}']);
      expect(await rewrapDeks.invoke(event)).toEqual({
        batchItemFailures: [{ itemIdentifier: 'message-1' }, { itemIdentifier: 'message-2' }],
      });
      const after = await request(keys, 'GET', path);
      expect(after.body['revision']).toBe(Number(before.body['revision']) + 1);
      expect((await request(decrypt, 'POST', `${path}/decrypt`, { ciphertext })).body).toMatchObject({
        plaintext: KEY,
      });
      expect(rotateKek.output + rewrapDeks.output).not.toMatch(/material|not JSON/);

      // A region that lags returns the message to the queue.
      secrets.service.replication.setLag('ap-south-1', Infinity);
      await deployment.client.send(new RotateSecretCommand({ SecretId: KEK_SECRET }));
      await secrets.service.rotations.settled();
      const lagging = sqsEvent(sqs.bodies.slice(-1));
      expect(await rewrapDeks.invoke(lagging)).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
      await rewrapDeks.says('"kek_replica_lagging":1');
      secrets.service.replication.release('ap-south-1');
      expect(await rewrapDeks.invoke(lagging)).toEqual({ batchItemFailures: [] });
      expect((await request(decrypt, 'POST', `${path}/decrypt`, { ciphertext })).body).toMatchObject({
        plaintext: KEY,
      });
    });
  });

  test('a queue that does not answer fails finishSecret, and its repetition sends the message', async () => {
    await inDeployment(PLACEHOLDER, async () => {
      await bootstrapped();
      const { secrets, sqs, client } = deployment;
      sqs.bodies.length = 0;
      sqs.down = true;
      const { VersionId } = await client.send(new RotateSecretCommand({ SecretId: KEK_SECRET }));
      await secrets.service.rotations.settled();
      expect(sqs.bodies).toEqual([]);
      sqs.down = false;
      secrets.service.reattemptRotation(HOME, KEK_SECRET);
      await secrets.service.rotations.settled();
      expect(sqs.bodies.map((body) => JSON.parse(body) as unknown)).toMatchObject([{ secret_version_id: VersionId }]);
    });
  });

  test('refuse events that are not their own, without a word of their content', async () => {
    await inDeployment(PLACEHOLDER, async () => {
      const rotateKek = await deployment.function('rotate-kek');
      const { ARN } = await deployment.client.send(new DescribeSecretCommand({ SecretId: KEK_SECRET }));
      const step = { Step: 'createSecret', SecretId: ARN!, ClientRequestToken: randomUUID() };
      for (const event of [
        null,
        { canary: 'CANARY' },
        proxyEvent('POST', '/v1/providers/openai/encrypt', { plaintext: 'CANARY' }),
        sqsEvent(['CANARY']),
        { ...step, Step: 'CANARY' },
        { ...step, Step: 'constructor' },
        { ...step, ClientRequestToken: 'CANARY' },
        { ...step, SecretId: 'CANARY' },
        { ...step, SecretId: ARN!.replace('us-east-1', 'eu-west-1') },
        { ...step, SecretId: ARN!.replace('keyward/kek', 'keyward/kek-CANARY') },
        { ...step, SecretId: `${ARN!}\nCANARY` },
      ]) {
        await expect(rotateKek.invoke(event)).rejects.toThrow(/^Error: rotate-kek refused the event/);
      }
      // Its own, but for a token that was never announced.
      await expect(rotateKek.invoke(step)).rejects.toThrow('Error: rotate-kek failed; see its log');
      await expect(rotateKek.invoke({ ...step, SecretId: KEK_SECRET })).rejects.toThrow('rotate-kek failed');
      const others = await Promise.all([deployment.function('rewrap-deks'), deployment.function('bootstrap')]);
      for (const each of others) {
        for (const event of [null, 7, step, { canary: 'CANARY' }, { Records: [{ body: 'CANARY' }] }]) {
          await expect(each.invoke(event)).rejects.toThrow(/refused the event/);
        }
      }
      const encrypt = await deployment.function('encrypt');
      expect(await encrypt.invoke({ ...step, canary: 'CANARY' })).toMatchObject({ statusCode: 400 });
      const outputs = [rotateKek, ...others, encrypt].map((each) => each.output);
      for (const output of outputs) {
        expect(output).toContain('event refused');
        expect(output).not.toContain('CANARY');
      }
      expect(await others[1].invoke({ RequestType: 'Delete', PhysicalResourceId: 'x' })).toEqual({
        PhysicalResourceId: 'keyward-bootstrap',
      });
    });
  });

  const short = Buffer.alloc(31, 7).toString('base64');
  const entry = (material: string) => ({ material, created_at: '2026-11-21T09:00:00.000Z', state: 'primary' });
  const BAD: readonly (readonly [string, string])[] = [
    ['the placeholder', PLACEHOLDER],
    ['empty', ''],
    ['malformed', '{"schema":1,"keys":'],
    ['too big', `${PLACEHOLDER}${' '.repeat(70_000)}`],
    [
      'with a key of wrong length',
      JSON.stringify({ schema: 1, primary: 'kek-1', parent_version_id: null, keys: { 'kek-1': entry(short) } }),
    ],
  ];

  test('a KEK secret that cannot be used: the last good copy serves on, and without one the answer is 503', async () => {
    await inDeployment(PLACEHOLDER, async () => {
      await bootstrapped();
      const path = '/v1/providers/openai/encrypt';
      const warm = await deployment.function('encrypt');
      expect((await request(warm, 'POST', path, { plaintext: KEY })).status).toBe(200);
      deployment.secrets.service.maxValueBytes = Infinity;
      for (const [what, value] of BAD) {
        await put(value);
        await warm.advance(6 * MINUTE_MS);
        warm.output = '';
        expect([what, (await request(warm, 'POST', path, { plaintext: KEY })).status]).toEqual([what, 200]);
        await warm.says('kek_source_failed');
        const cold = await deployment.function('encrypt');
        const reply = await request(cold, 'POST', path, { plaintext: KEY });
        expect([what, reply.status, reply.body['code']]).toEqual([what, 503, 'keys_unavailable']);
        await cold.says('kek_source_failed');
        await cold.stop();
      }
    });
  });

  test('a configuration that is wrong is named in the log and stops every event', async () => {
    await inDeployment(PLACEHOLDER, async () => {
      for (const each of FUNCTIONS) {
        const broken = await deployment.function(each, { KEYWARD_KEK_SECRET: '' });
        const outcome = broken.invoke(proxyEvent('GET', '/healthz')).catch((thrown: unknown) => thrown);
        expect(await outcome).toMatchObject(
          ['rotate-kek', 'rewrap-deks', 'bootstrap'].includes(each)
            ? { message: expect.any(String) }
            : { statusCode: 500 },
        );
        await broken.says('KEYWARD_KEK_SECRET is not set');
        await broken.stop();
      }
    });
  });
};

describe('the bundles under this Node', () => {
  testBundles(process.execPath);
});

/** Releases to be fetched, `24` or `22,24`: Lambda has 24. */
const others = (process.env['KEYWARD_TEST_NODES'] ?? '').split(',').filter((release) => release !== '');
for (const release of others) {
  const node = fetchNode(release);
  const reason = node === undefined ? `npx could not fetch Node ${release}` : undefined;
  describeUnless(reason, `the bundles under Node ${release}`, () => {
    testBundles(node ?? '');
  });
}
