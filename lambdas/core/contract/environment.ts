/** Names of the environment variables that configure a function. The stacks set them, the functions read them. */
export const ENVIRONMENT = {
  /** Comma-separated; default DEFAULT_PROVIDERS. */
  providers: 'KEYWARD_PROVIDERS',
  /** Comma-separated, home first. */
  regions: 'KEYWARD_REGIONS',
  /** The region of this process; Lambda sets it. */
  region: 'AWS_REGION',
  keysetsTable: 'KEYWARD_KEYSETS_TABLE',
  credentialsTable: 'KEYWARD_CREDENTIALS_TABLE',
  auditTable: 'KEYWARD_AUDIT_TABLE',
  rotationsTable: 'KEYWARD_ROTATIONS_TABLE',
  kekSecret: 'KEYWARD_KEK_SECRET',
  /** Days until an audit event may be deleted; left out: never. */
  auditRetentionDays: 'KEYWARD_AUDIT_RETENTION_DAYS',
  /** Queue to which finishSecret sends the rewrap message: rotate-kek alone. */
  rewrapQueueUrl: 'KEYWARD_REWRAP_QUEUE_URL',
  /** Queue for the steps of a DEK rotation: the functions that start or advance one. */
  dekRotationQueueUrl: 'KEYWARD_ROTATION_QUEUE_URL',
  /**
   * Name of the function that proves a key version, the same in every region: the functions that start or advance a
   * rotation, and those that ask which KEK a region reads.
   */
  proveKeysetFunction: 'KEYWARD_PROVE_KEYSET_FUNCTION',
  /** Name of the function that rotates the KEK where no Secrets Manager drives it: the functions that request a rotation. */
  rotateKekFunction: 'KEYWARD_ROTATE_KEK_FUNCTION',
  /** Days of the grace period; default DEFAULT_GRACE_PERIOD_DAYS. */
  gracePeriodDays: 'KEYWARD_GRACE_PERIOD_DAYS',
  /** Days that a previous value is kept, 0 to MAX_PREVIOUS_VALUE_DAYS; default DEFAULT_PREVIOUS_VALUE_DAYS. */
  previousValueDays: 'KEYWARD_PREVIOUS_VALUE_DAYS',
  /** Days between KEK rotations; default DEFAULT_KEK_INTERVAL_DAYS. */
  kekRotationIntervalDays: 'KEYWARD_KEK_ROTATION_INTERVAL_DAYS',
  /** Name of the archive's bucket without its region, which follows after a hyphen; left out: the deployment keeps no log. */
  archiveBucket: 'KEYWARD_ARCHIVE_BUCKET',
  /** The same of the log's bucket. */
  logBucket: 'KEYWARD_LOG_BUCKET',
  /** The same of the bucket with batches of events that could not be archived. */
  failedBatchesBucket: 'KEYWARD_FAILED_BATCHES_BUCKET',
  /** Queue of the reconciliation of a region's log: archive-events alone. */
  reconciliationQueueUrl: 'KEYWARD_RECONCILIATION_QUEUE_URL',
  /** Begins the origin of a log: a domain, or the 12 digits of the account. */
  logOwner: 'KEYWARD_LOG_OWNER',
  /** ARN of the key in KMS that signs checkpoints, after those that have handed over to it, with commas: publish-checkpoint alone. */
  logKey: 'KEYWARD_LOG_KEY',
  /** The same of the keys that cosign them. */
  logCosignerKey: 'KEYWARD_LOG_COSIGNER_KEY',
  /** Bucket of another account that gets a copy of each checkpoint; left out: none does. */
  witnessBucket: 'KEYWARD_WITNESS_BUCKET',
  /** The region of that bucket. */
  witnessRegion: 'KEYWARD_WITNESS_REGION',
  /** Name of the function that publishes, the same in every region: the function audit. */
  publishFunction: 'KEYWARD_PUBLISH_FUNCTION',
  /** The dimension `service` of every metric and the member `service` of every log line; default `keyward`. */
  service: 'POWERTOOLS_SERVICE_NAME',
  /** Source of the KEKs: one of {@link KEK_SOURCES}, by default the first. */
  secretsProvider: 'SECRETS_PROVIDER',
  /** During a move of the KEK the source that it comes from, one of {@link KEK_SOURCES} or, in local mode, {@link LOCAL_KEK_SOURCES}; left out: there is no move. */
  kekMovingFrom: 'KEYWARD_KEK_MOVING_FROM',
  /** The region whose Secrets Manager is asked first; default the region of this process. */
  secretsRegion: 'AWS_SECRETS_REGION',
} as const;

/** Sources of the KEKs for a function: `aws` is Secrets Manager, `vault` HashiCorp Vault. */
export const KEK_SOURCES = ['aws', 'vault'] as const;

export type KekSource = (typeof KEK_SOURCES)[number];

/** Sources of the KEKs in local mode: `local` is a file in the data directory. */
export const LOCAL_KEK_SOURCES = ['local', 'vault'] as const;

export type LocalKekSource = (typeof LOCAL_KEK_SOURCES)[number];

/** Names of the environment variables that configure local mode and the command line. */
export const LOCAL_ENVIRONMENT = {
  /** Port of the local server; 0 chooses a free one. */
  port: 'PORT',
  /** The directory for keys and data. */
  home: 'KEYWARD_HOME',
  /** Endpoint that the command line calls. */
  endpoint: 'KEYWARD_ENDPOINT',
} as const;
