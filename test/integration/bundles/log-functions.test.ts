import { gunzipSync } from 'node:zlib';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createAuditSink } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import type { AuditRecord } from '../../../lambdas/core/audit/audit-record';
import { ENVIRONMENT } from '../../../lambdas/core/contract/environment';
import { formatEventLine } from '../../../lambdas/core/audit/event-line';
import { openCheckpoint } from '../../../lambdas/core/transparency/open-checkpoint';
import { formatVerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { parseTrustPolicy } from '../../../lambdas/core/transparency/parse-trust-policy';
import { auditEvent, recordOf } from '../../contract/audit-events';
import { startKms, type RunningKms } from '../../doubles/start-kms';
import { startLambda } from '../../doubles/start-lambda';
import { startS3, type RunningS3 } from '../../doubles/start-s3';
import { testSigner } from '../../doubles/transparency/test-signer';
import { imageOf, streamRecord } from '../../unit/transparency/stream-record';
import { BundledDeployment, request } from './bundled-deployment';
import { BundledFunction, type BundledName } from './bundled-function';
import { sharedBundles } from './shared-bundles';

/** The functions of the transparency log as they are deployed: one file each, against S3 and KMS over HTTP. */

const REGION = 'us-east-1';
const ORIGIN = `111111111111/keyward/keyward/${REGION}`;
const [LOG_KEY, COSIGNER_KEY] = ['log', 'cosigner'].map((name) => `arn:aws:kms:${REGION}:111111111111:key/${name}`);
const WITNESS = 'somebody-elses-bucket';

let s3: RunningS3;
let kms: RunningKms;
const running: BundledFunction[] = [];
const log = testSigner(ORIGIN);
const cosigner = testSigner(`${ORIGIN}/cosigner`, 'cosignature');

beforeEach(async () => {
  [s3, kms] = await Promise.all([startS3(), startKms()]);
  kms.keys.set(LOG_KEY as string, log).set(COSIGNER_KEY as string, cosigner);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  await Promise.all([s3.close(), kms.close()]);
});

/** What the functions that have to do with the log are told of it. */
const logEnvironment = (): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL_S3: s3.endpoint,
  AWS_ENDPOINT_URL_KMS: kms.endpoint,
  [ENVIRONMENT.archiveBucket]: 'keyward-archive-111111111111',
  [ENVIRONMENT.logBucket]: 'keyward-log-111111111111',
  [ENVIRONMENT.failedBatchesBucket]: 'keyward-failed-batches-111111111111',
  [ENVIRONMENT.reconciliationQueueUrl]: 'https://sqs.us-east-1.amazonaws.com/111111111111/keyward-reconciliation',
  [ENVIRONMENT.logOwner]: '111111111111',
});

async function start(name: BundledName, more: Readonly<Record<string, string>> = {}): Promise<BundledFunction> {
  const started = await BundledFunction.start(process.execPath, await sharedBundles(), name, {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example-not-a-secret',
    ...logEnvironment(),
    [ENVIRONMENT.region]: REGION,
    [ENVIRONMENT.regions]: `${REGION},eu-west-1`,
    [ENVIRONMENT.providers]: 'openai',
    [ENVIRONMENT.keysetsTable]: 'keyward-keysets',
    [ENVIRONMENT.credentialsTable]: 'keyward-credentials',
    [ENVIRONMENT.auditTable]: 'keyward-audit',
    [ENVIRONMENT.rotationsTable]: 'keyward-rotations',
    [ENVIRONMENT.kekSecret]: 'keyward/kek',
    [ENVIRONMENT.service]: 'keyward',
    [ENVIRONMENT.logKey]: LOG_KEY as string,
    [ENVIRONMENT.logCosignerKey]: COSIGNER_KEY as string,
    [ENVIRONMENT.witnessBucket]: WITNESS,
    ...more,
  });
  running.push(started);
  return started;
}

const objectsOf = (bucket: string): Map<string, Buffer> => s3.buckets.get(bucket) ?? new Map<string, Buffer>();
const archive = () => objectsOf(`keyward-archive-111111111111-${REGION}`);
const published = () => objectsOf(`keyward-log-111111111111-${REGION}`);

const records = [0, 1, 2].map((at) => recordOf(auditEvent({ timestamp: `2026-11-27T09:00:0${at}.000Z` })));
const inserted = { Records: records.map((record, at) => streamRecord(at + 1, { NewImage: imageOf(record, 90) })) };
const PUBLISH = { keyward: 'publish-checkpoint' };

test('from the stream to a checkpoint that a trust policy opens, with its copy at the witness', async () => {
  const [archiveEvents, publishCheckpoint] = [await start('archive-events'), await start('publish-checkpoint')];
  expect(await archiveEvents.invoke(inserted)).toEqual({ batchItemFailures: [] });
  expect([...archive().keys()]).toEqual([expect.stringMatching(/^archive\/[0-9-]{10}T[0-9]{2}\/[0-9a-f]{64}\.gz$/)]);
  const lines = gunzipSync([...archive().values()][0]!).toString('utf8');
  expect(lines).toBe(records.map((record) => `${formatEventLine(record)}\n`).join(''));

  const counts = { repeated: 0, foreign: 0, malformed: 0 };
  expect(await publishCheckpoint.invoke(PUBLISH)).toEqual({ size: 3, added: 3, ...counts });
  const checkpoint = published().get('checkpoint')!;
  const policy = parseTrustPolicy(
    Buffer.from(`log ${formatVerifierKey(log.key)}\nwitness own ${formatVerifierKey(cosigner.key)}\nquorum own\n`),
  );
  expect(openCheckpoint(checkpoint, policy.value!).value?.checkpoint).toMatchObject({ origin: ORIGIN, size: 3 });
  expect(published().get('keys')?.toString()).toBe(
    `${formatVerifierKey(log.key)}\n${formatVerifierKey(cosigner.key)}\n`,
  );
  expect(
    [...objectsOf(WITNESS)].map(([key, note]) => [
      key.startsWith(`${ORIGIN}/00000000000000000003/`),
      note.equals(checkpoint),
    ]),
  ).toEqual([[true, true]]);

  // Delivered again, cut otherwise, and published by another process.
  for (const record of inserted.Records) await archiveEvents.invoke({ Records: [record] });
  const another = await start('publish-checkpoint', { [ENVIRONMENT.witnessBucket]: '' });
  expect(await another.invoke(PUBLISH)).toEqual({ size: 3, added: 0, ...counts, repeated: 3 });
  await another.says('"log_size":3');
});

test('the function audit shows what is published, and has more published', async () => {
  const [archiveEvents, publishCheckpoint] = [await start('archive-events'), await start('publish-checkpoint')];
  const lambda = await startLambda(async () => ({ payload: JSON.stringify(await publishCheckpoint.invoke(PUBLISH)) }));
  const deployment = await BundledDeployment.start(process.execPath, await sharedBundles(), undefined);
  try {
    const audit = await deployment.function('audit', {
      ...logEnvironment(),
      AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
      [ENVIRONMENT.publishFunction]: 'keyward-publish-checkpoint',
    });
    await archiveEvents.invoke(inserted);
    expect(await request(audit, 'POST', '/v1/audit/log', { action: 'publish' })).toMatchObject({
      status: 200,
      body: { region: REGION, size: 3 },
    });
    expect(lambda.invocations).toEqual([{ functionName: 'keyward-publish-checkpoint', payload: PUBLISH }]);
    const shown = await request(audit, 'GET', '/v1/audit/checkpoints');
    expect(shown.status).toBe(200);
    expect(JSON.stringify(shown.body)).toContain(formatVerifierKey(log.key));
    const path = [...archive().keys()][0]!.replace('.gz', '');
    const read = await request(audit, 'GET', `/v1/audit/log?region=${REGION}&path=${encodeURIComponent(path)}`);
    const lines = records.map((record) => `${formatEventLine(record)}\n`).join('');
    expect(JSON.stringify(read.body)).toContain(Buffer.from(lines).toString('base64'));
  } finally {
    await deployment.close();
    await lambda.close();
  }
});

test('the reconciliation archives what no log has, from the table and from a batch that was given up', async () => {
  const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  const [logged, lost, given] = [0, 1, 2].map((at) => recordOf(auditEvent({ timestamp: `${day}T23:00:0${at}.000Z` })));
  const deployment = await BundledDeployment.start(process.execPath, await sharedBundles(), undefined);
  const client = new DynamoDBClient({
    region: REGION,
    endpoint: deployment.dynamodb.url,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' },
  });
  try {
    const sink = createAuditSink({ client, table: 'keyward-audit' });
    for (const record of [logged!, lost!]) await sink.append(record);
    const stream = (record: AuditRecord) => ({ Records: [streamRecord(1, { NewImage: imageOf(record, 90) })] });
    s3.buckets.set(
      `keyward-failed-batches-111111111111-${REGION}`,
      new Map([['aws/lambda/0/shardId-1/x', Buffer.from(JSON.stringify({ payload: JSON.stringify(stream(given!)) }))]]),
    );
    const publishCheckpoint = await start('publish-checkpoint');
    const archiveEvents = await deployment.function('archive-events', {
      ...logEnvironment(),
      [ENVIRONMENT.regions]: `${REGION},eu-west-1`,
      [ENVIRONMENT.reconciliationQueueUrl]: deployment.sqs.queueUrl,
      [ENVIRONMENT.auditRetentionDays]: '3',
    });
    const serve = (body: string) =>
      archiveEvents.invoke({ Records: [{ messageId: 'm', body, eventSource: 'aws:sqs' }] });
    await archiveEvents.invoke(stream(logged!));
    // The archive has an hour of long ago: or else the events would be from before the log, and no alarm.
    archive().set('archive/2026-01-01T00/x', Buffer.alloc(0));
    await publishCheckpoint.invoke(PUBLISH);

    expect(await serve('{"kind":"begin"}')).toEqual({ batchItemFailures: [] });
    await archiveEvents.says('"log_away":1');
    expect(deployment.sqs.bodies).toHaveLength(3);
    // A function that is not told how much time it has reads a page and sends the rest: of the last hour, a page for each event.
    const messages = deployment.sqs.bodies.splice(0).map((body) => JSON.parse(body) as Record<string, unknown>);
    const [batches, ofTheDay] = [messages[0], { ...messages.find((each) => each['day'] === day), place: { hour: 23 } }];
    deployment.sqs.bodies.push(...[batches, ofTheDay].map((each) => JSON.stringify(each)));
    for (const body of deployment.sqs.bodies) expect(await serve(body)).toEqual({ batchItemFailures: [] });
    await archiveEvents.says('"day_reconciled":1');
    await archiveEvents.says('"event_unlogged":1');
    expect(archiveEvents.output).toContain(lost!.id);
    expect(archiveEvents.output).not.toContain('test/1.0');
    expect(await publishCheckpoint.invoke(PUBLISH)).toMatchObject({ size: 3, added: 2, repeated: 0 });
    const lines = [...archive()]
      .filter(([key]) => key.endsWith('.gz'))
      .map(([, bytes]) => gunzipSync(bytes).toString());
    expect(lines.toSorted()).toEqual([logged!, lost!, given!].map((each) => `${formatEventLine(each)}\n`).toSorted());
    expect([...archive().keys()].filter((key) => key.startsWith('reconciled/'))).toHaveLength(2);

    expect(await serve('{"kind":"end"}')).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
    await archiveEvents.says('message refused');
  } finally {
    client.destroy();
    await deployment.close();
  }
});

test('what goes wrong is told by metrics, and an event by its id alone', async () => {
  const [archiveEvents, publishCheckpoint] = [await start('archive-events'), await start('publish-checkpoint')];
  s3.fault = () => ({ status: 403, code: 'AccessDenied' });
  expect(await archiveEvents.invoke(inserted)).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  await archiveEvents.says('"archive_failed":1');
  await expect(publishCheckpoint.invoke(PUBLISH)).rejects.toThrow('publish-checkpoint failed; see its log');
  await publishCheckpoint.says('"publish_failed":1');

  s3.fault = () => undefined;
  const image = imageOf(records[0]!, 90);
  const edited = streamRecord(9, { OldImage: image, NewImage: { ...image, user_id: { S: 'somebody else' } } });
  expect(await archiveEvents.invoke({ Records: [edited] })).toEqual({ batchItemFailures: [] });
  await archiveEvents.says('"event_tampered":1');
  expect(archiveEvents.output).toContain(records[0]!.id);
  expect(archiveEvents.output).not.toContain('test/1.0');

  expect(await publishCheckpoint.invoke(PUBLISH)).toMatchObject({ size: 1, added: 1 });
  published().set('state', Buffer.from('edited'));
  expect(await publishCheckpoint.invoke(PUBLISH)).toEqual({ fault: 'state_form' });
  await publishCheckpoint.says('"reason":"state_form"');
});

test('a deployment with another key hands the log over, and goes on when the old key is disabled', async () => {
  const [nextLog, nextCosigner] = [`${LOG_KEY}-2`, `${COSIGNER_KEY}-2`];
  const next = testSigner(ORIGIN, 'ed25519', 'the next key');
  const nextOwn = testSigner(`${ORIGIN}/cosigner`, 'cosignature', 'the next cosigner');
  await (await start('publish-checkpoint')).invoke(PUBLISH);
  kms.keys.set(nextLog, next).set(nextCosigner, nextOwn);
  const deployed = {
    [ENVIRONMENT.logKey]: `${LOG_KEY},${nextLog}`,
    [ENVIRONMENT.logCosignerKey]: `${COSIGNER_KEY},${nextCosigner}`,
  };
  expect(await (await start('publish-checkpoint', deployed)).invoke(PUBLISH)).toMatchObject({ size: 2, added: 0 });
  const stored = s3.buckets.get(`keyward-log-111111111111-${REGION}`)!;
  const policy = (key: typeof log) =>
    parseTrustPolicy(Buffer.from(`log ${formatVerifierKey(key.key)}\nquorum none\n`)).value!;
  expect(openCheckpoint(stored.get('checkpoint')!, policy(next)).fault).toBeUndefined();
  expect(openCheckpoint(stored.get('checkpoint')!, policy(log)).fault).toBe('signature_missing');
  expect(stored.get('keys')?.toString('utf8')).toBe(
    `${formatVerifierKey(next.key)}\n${formatVerifierKey(nextOwn.key)}\n`,
  );
  kms.keys.delete(LOG_KEY as string);
  kms.keys.delete(COSIGNER_KEY as string);
  expect(await (await start('publish-checkpoint', deployed)).invoke(PUBLISH)).toMatchObject({ size: 2 });
});

test('a function of the log that lacks a part of its configuration says which', async () => {
  for (const [name, missing] of [
    ['archive-events', ENVIRONMENT.archiveBucket],
    ['archive-events', ENVIRONMENT.failedBatchesBucket],
    ['archive-events', ENVIRONMENT.reconciliationQueueUrl],
    ['publish-checkpoint', ENVIRONMENT.logKey],
  ] as const) {
    const broken = await start(name, { [missing]: '' });
    await expect(broken.invoke(PUBLISH)).rejects.toThrow(`${name} failed; see its log`);
    await broken.says(`${missing} is not set`);
  }
  const misnamed = await start('publish-checkpoint', { [ENVIRONMENT.logOwner]: 'Not a domain' });
  await expect(misnamed.invoke(PUBLISH)).rejects.toThrow('publish-checkpoint failed; see its log');
  const uneven = await start('publish-checkpoint', { [ENVIRONMENT.logKey]: `${LOG_KEY},${LOG_KEY}` });
  await expect(uneven.invoke(PUBLISH)).rejects.toThrow('publish-checkpoint failed; see its log');
  await uneven.says(`${ENVIRONMENT.logKey} and ${ENVIRONMENT.logCosignerKey} must have`);
  await misnamed.says(`${ENVIRONMENT.logOwner} must be a domain in lower case or the 12 digits of an account`);
});
