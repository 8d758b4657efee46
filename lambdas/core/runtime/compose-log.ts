import type { KMSClient } from '@aws-sdk/client-kms';
import type { S3Client } from '@aws-sdk/client-s3';
import { readStoredEvent } from '../../adapters/aws/dynamodb/stored-event';
import { createDynamoDBEventPages } from '../../adapters/aws/dynamodb/dynamodb-event-pages';
import type { AuditItem } from '../../adapters/aws/dynamodb/audit-item';
import { createKmsClient } from '../../adapters/aws/kms/kms-client';
import {
  openKmsLogSigner,
  openRetiredKmsLogSigner,
  type KmsLogSignerConfig,
} from '../../adapters/aws/kms/kms-log-signer';
import { createS3Archive, createS3EventArchive } from '../../adapters/aws/s3/s3-archive';
import { createS3Bucket, type S3Bucket } from '../../adapters/aws/s3/s3-bucket';
import { createS3CheckpointWitness } from '../../adapters/aws/s3/s3-checkpoint-witness';
import { createS3Client } from '../../adapters/aws/s3/s3-client';
import { createS3ComparedValue } from '../../adapters/aws/s3/s3-compared-value';
import { createS3LogStore } from '../../adapters/aws/s3/s3-log-store';
import { createSqsReconciliationQueue } from '../../adapters/aws/sqs/sqs-reconciliation-queue';
import { createArchiveChanges } from '../transparency/archive-changes';
import { readChanges, type ArchiveEventsUse } from '../transparency/archive-events-event';
import { createBeginReconciliation } from '../transparency/begin-reconciliation';
import { createLoggedIn } from '../transparency/logged-hour';
import { cosignerOf } from '../transparency/log-origin';
import type { PublishCheckpointUse } from '../transparency/publish-checkpoint-event';
import { createPublishLog } from '../transparency/publish-log';
import { createReconcileBatches } from '../transparency/reconcile-batches';
import { createReconcileDay } from '../transparency/reconcile-day';
import type { ReconciliationUse } from '../transparency/reconciliation-messages';
import type { LogSigners, SigningPair } from '../transparency/signing-pair';
import { storedProvidersIn } from './compose-adapters';
import { dynamodbIn } from './compose-clients';
import { readAuditRetentionDays } from './configuration';
import type { Outside } from './lazy-runtime';
import {
  readArchiveBucket,
  readFailedBatchesBucket,
  readLogBucket,
  readPublisherSettings,
  readReconciliationQueueUrl,
} from './log-configuration';
import { madeOnce, oneForEachRegion } from './made-once';

/*
 * Composes the functions of the transparency log, each for the log of its own region. They run on AWS alone, so their clients have
 * the function's own credentials.
 */

const ownOptions = ({ patience, failures }: Outside, region: string) => ({ region, ...patience.calls, failures });

const s3In: (deps: Outside, region: string) => S3Client = /* @__PURE__ */ oneForEachRegion((deps, region) =>
  createS3Client(ownOptions(deps, region)),
);

const kmsIn: (deps: Outside, region: string) => KMSClient = /* @__PURE__ */ oneForEachRegion((deps, region) =>
  createKmsClient(ownOptions(deps, region)),
);

const bucketOf = (deps: Outside, region: string, bucket: string): S3Bucket =>
  createS3Bucket({ client: s3In(deps, region), bucket, clock: deps.clock });

const archiveOf = (deps: Outside, region: string): S3Bucket =>
  bucketOf(deps, region, readArchiveBucket(process.env, region));

/** Archive objects of a range at most: one of them and the ids of all are in memory, 22 bytes each. */
const MAX_OBJECTS = 1_000;

/** @throws KeywardError `configuration_invalid` */
export function composeArchiveEvents(deps: Outside): ArchiveEventsUse & ReconciliationUse {
  const { configuration, logger } = deps;
  const { region, regions, tables, providers } = configuration;
  const logIn = (of: string) => createS3LogStore(bucketOf(deps, of, readLogBucket(process.env, of)));
  const bucket = archiveOf(deps, region);
  const archive = createS3EventArchive(bucket);
  const records = createS3LogStore(bucket);
  const files = logIn(region);
  const queue = createSqsReconciliationQueue({
    ...ownOptions(deps, region),
    queueUrl: readReconciliationQueueUrl(process.env),
  });
  const use = {
    ...deps,
    archiveChanges: createArchiveChanges({ ...deps, region, archive }),
    readImage: (item: object) => readStoredEvent(item as AuditItem),
    table: tables.audit,
    queue,
  };
  const parts = { ...use, region, archive, records, files, loggedIn: createLoggedIn({ files, logger }) };
  const pages = createDynamoDBEventPages({
    client: dynamodbIn(deps, region),
    table: tables.audit,
    providers,
    stored: storedProvidersIn(deps, region),
    region,
  });
  return {
    ...use,
    begin: createBeginReconciliation({
      ...parts,
      others: regions.filter((each) => each !== region).map((each) => ({ region: each, files: logIn(each) })),
      retentionDays: readAuditRetentionDays(process.env),
    }),
    reconcileDay: createReconcileDay({ ...parts, pages, source: createS3Archive(bucket) }),
    reconcileBatches: createReconcileBatches({
      ...parts,
      batches: createS3LogStore(bucketOf(deps, region, readFailedBatchesBucket(process.env, region))),
      changesOf: (event) => readChanges(event, use),
    }),
  };
}

interface KmsPair {
  readonly log: KmsLogSignerConfig;
  readonly cosigner: KmsLogSignerConfig;
}

async function openRetiredPair(pair: KmsPair): Promise<readonly SigningPair[]> {
  const [log, cosigner] = await Promise.all([
    openRetiredKmsLogSigner(pair.log),
    openRetiredKmsLogSigner(pair.cosigner),
  ]);
  return log === undefined || cosigner === undefined ? [] : [{ log, cosigner }];
}

/** The signers of this region's log: their public keys never change, so they are asked for once. */
const signersOf = /* @__PURE__ */ madeOnce((deps) => {
  let opened: Promise<LogSigners> | undefined;
  const open = async (): Promise<LogSigners> => {
    const { origin, keys } = readPublisherSettings(process.env, deps.configuration.region);
    const client = kmsIn(deps, deps.configuration.region);
    const pairs = keys.map(({ log, cosigner }) => ({
      log: { client, keyId: log, name: origin, type: 'ed25519' } as const,
      cosigner: { client, keyId: cosigner, name: cosignerOf(origin), type: 'cosignature' } as const,
    })) as [KmsPair, ...KmsPair[]];
    const [newest, ...before] = pairs.toReversed() as [KmsPair, ...KmsPair[]];
    const [log, cosigner] = await Promise.all([openKmsLogSigner(newest.log), openKmsLogSigner(newest.cosigner)]);
    return { log, cosigner, earlier: (await Promise.all(before.toReversed().map(openRetiredPair))).flat() };
  };
  return () =>
    (opened ??= open().catch((thrown: unknown) => {
      opened = undefined;
      throw thrown;
    }));
});

/** @throws KeywardError `configuration_invalid` */
export function composePublishCheckpoint(deps: Outside): PublishCheckpointUse {
  const { region } = deps.configuration;
  const { origin, witness } = readPublisherSettings(process.env, region);
  const log = bucketOf(deps, region, readLogBucket(process.env, region));
  const publishLog = createPublishLog({
    ...deps,
    region,
    archive: createS3Archive(archiveOf(deps, region)),
    store: createS3LogStore(log),
    state: createS3ComparedValue(log, 'state'),
    checkpoints: createS3ComparedValue(log, 'checkpoint'),
    openSigners: signersOf(deps),
    maxObjects: MAX_OBJECTS,
    ...(witness !== undefined && {
      witness: createS3CheckpointWitness(bucketOf(deps, witness.region, witness.bucket), origin),
    }),
  });
  return { publishLog, logger: deps.logger };
}
