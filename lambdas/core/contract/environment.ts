/** Names of the environment variables that configure a function. The stacks set them, the functions read them. */
export const ENVIRONMENT = {
  /** Comma-separated; default DEFAULT_PROVIDERS. */
  providers: 'KEYWARD_PROVIDERS',
  /** Comma-separated, home first. */
  regions: 'KEYWARD_REGIONS',
  /** The region that this process runs in; Lambda sets it. */
  region: 'AWS_REGION',
  keysetsTable: 'KEYWARD_KEYSETS_TABLE',
  credentialsTable: 'KEYWARD_CREDENTIALS_TABLE',
  auditTable: 'KEYWARD_AUDIT_TABLE',
  rotationsTable: 'KEYWARD_ROTATIONS_TABLE',
  kekSecret: 'KEYWARD_KEK_SECRET',
  /** After so many days an audit event may be deleted; left out: never. */
  auditRetentionDays: 'KEYWARD_AUDIT_RETENTION_DAYS',
  /** Where finishSecret asks for the rewrap: rotate-kek alone. */
  rewrapQueueUrl: 'KEYWARD_REWRAP_QUEUE_URL',
  /** Where the steps of a DEK rotation are asked for: the functions that start or go on with one. */
  rotationQueueUrl: 'KEYWARD_ROTATION_QUEUE_URL',
  /** What the function is called that proves a key version, in every region: the functions that start or go on with a rotation. */
  proveKeysetFunction: 'KEYWARD_PROVE_KEYSET_FUNCTION',
  /** For so many days after a rotation the version before it still opens tokens; default DEFAULT_GRACE_PERIOD_DAYS. */
  gracePeriodDays: 'KEYWARD_GRACE_PERIOD_DAYS',
  /** For so many days a credential's value that was replaced or deleted is kept, 0 to MAX_PREVIOUS_VALUE_DAYS; default DEFAULT_PREVIOUS_VALUE_DAYS. */
  previousValueDays: 'KEYWARD_PREVIOUS_VALUE_DAYS',
  /** The KEK is rotated every so many days; default DEFAULT_KEK_INTERVAL_DAYS. */
  kekRotationIntervalDays: 'KEYWARD_KEK_ROTATION_INTERVAL_DAYS',
  /** The dimension `service` of every metric, and the same member of every log line; default `keyward`. */
  service: 'POWERTOOLS_SERVICE_NAME',
  /** Where the KEKs come from: one of {@link KEK_SOURCES}, by default the first. */
  secretsProvider: 'SECRETS_PROVIDER',
  /** The region whose Secrets Manager is asked first; default the one that this process runs in. */
  secretsRegion: 'AWS_SECRETS_REGION',
} as const;

/** Where a function may have the KEKs from: `aws` is Secrets Manager. Local mode has them from a file. */
export const KEK_SOURCES = ['aws'] as const;

export type KekSource = (typeof KEK_SOURCES)[number];

/** Names of the environment variables of whoever runs local mode, or the command line beside it. */
export const LOCAL_ENVIRONMENT = {
  /** The port of the local server; 0 takes a free one. */
  port: 'PORT',
  /** The directory for keys and data. */
  home: 'KEYWARD_HOME',
  /** Where the command line finds Keyward. */
  endpoint: 'KEYWARD_ENDPOINT',
} as const;
