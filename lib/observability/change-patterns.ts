import type { Deployment } from '../deployment';
import { hasKekSecret } from '../kek-configuration';
import { COPIED, type ResourceNames } from '../resource-names';

/** An event pattern of EventBridge (EventBridge User Guide, "Comparison operators for use in event patterns"). */
export type EventPattern = Readonly<Record<string, unknown>>;

export interface Watched {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
  readonly region: string;
  /** Name of CloudFormation's role in a region. */
  readonly executionRoleName: (region: string) => string;
}

/** IAM is global, and its events arrive in this region alone (IAM User Guide, "Logging IAM and AWS STS API calls"). */
export const IAM_REGION = 'us-east-1';

/** The only rule that must receive reading calls. */
export const READ_SECRET = 'read-secret';

const CHANGES_SECRET = [
  ...['PutResourcePolicy', 'DeleteResourcePolicy', 'PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage'],
  ...['DeleteSecret', 'RestoreSecret', 'RotateSecret', 'CancelRotateSecret', 'ReplicateSecretToRegions'],
  ...['RemoveRegionsFromReplication', 'StopReplicationToReplica', 'AssociateCrossAccountReplica'],
];
const CHANGES_KEY = ['PutKeyPolicy', 'DisableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion', 'DisableKeyRotation'];
const CHANGES_ALIAS = ['CreateAlias', 'UpdateAlias', 'DeleteAlias'];
/** DynamoDB creates and revokes such grants for itself, in the name of the table's creator. */
const CHANGES_GRANT = ['CreateGrant', 'RevokeGrant', 'RetireGrant'];
/**
 * Lambda's events are named by operation and version of the API, such as `UpdateFunctionCode20150331v2`,
 * `UpdateFunctionConfiguration20150331v2` and `AddPermission20150331v2` (Lambda Developer Guide, "Logging AWS Lambda API calls
 * using AWS CloudTrail"), newer ones by operation alone, so only the prefix is stable.
 */
const CHANGES_FUNCTION = [
  ...['AddPermission', 'CreateAlias', 'CreateEventSourceMapping', 'CreateFunction', 'DeleteEventSourceMapping'],
  ...['DeleteFunction', 'PutFunction', 'PutResourcePolicy', 'PutRuntimeManagementConfig', 'RemovePermission'],
  ...['UpdateAlias', 'UpdateEventSourceMapping', 'UpdateFunction'],
];
const CHANGES_TABLE = [
  ...['DeleteTable', 'UpdateTable', 'UpdateContinuousBackups', 'UpdateTimeToLive', 'PutResourcePolicy'],
  ...['DeleteResourcePolicy', 'CreateBackup', 'DeleteBackup', 'RestoreTableFromBackup', 'RestoreTableToPointInTime'],
  ...['ExportTableToPointInTime', 'EnableKinesisStreamingDestination'],
];
const CHANGES_ROLE = [
  ...['CreateRole', 'DeleteRole', 'UpdateRole', 'UpdateAssumeRolePolicy', 'PutRolePolicy', 'DeleteRolePolicy'],
  ...['AttachRolePolicy', 'DetachRolePolicy', 'PutRolePermissionsBoundary', 'DeleteRolePermissionsBoundary'],
];
const CHANGES_POLICY = ['CreatePolicyVersion', 'DeletePolicyVersion', 'SetDefaultPolicyVersion', 'DeletePolicy'];

/** DynamoDB's own role synchronizes the replicas' settings. */
const REPLICATION = 'aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication';

/**
 * CloudTrail events of changes to this deployment that were not made by a deployment, and of reads of the KEK by anything but its
 * functions: what could leak or lose a key, or hide that. Includes refused attempts. The deployment is recognized by the stage's
 * prefix of names, so a stage whose name begins with this stage and a hyphen also matches.
 *
 * Does not watch tags and descriptions, the queues, whose messages the sweep sends again, the firewall and the dashboard: none of
 * them leaks or loses a key. Each pattern stays within EventBridge's default quota of 2,048 characters.
 */
export function changePatterns(watched: Watched, restApiId: string): Readonly<Record<string, EventPattern>> {
  return {
    ...(hasKekSecret(watched.deployment) && { 'changed-secret': changedSecret(watched) }),
    ...(secretIds(watched).length > 0 && { [READ_SECRET]: readSecret(watched) }),
    'changed-functions': changedFunctions(watched),
    'changed-gateway': calls('apigateway', {
      ...unlessDeployed(watched),
      requestParameters: { restApiId: [restApiId] },
    }),
    'changed-tables': changedTables(watched),
    'changed-evidence': changedEvidence(watched),
    ...(watched.region === iamWatchedIn(watched.deployment) && { 'changed-roles': changedRoles(watched) }),
  };
}

/** The region that watches IAM's events: where they arrive or, if the deployment is not there, home (see IamEventsStack). */
const iamWatchedIn = ({ regions, homeRegion }: Deployment): string =>
  regions.includes(IAM_REGION) ? IAM_REGION : homeRegion;

export function changedRoles(watched: Pick<Watched, 'deployment' | 'names' | 'executionRoleName'>): EventPattern {
  const { deployment, names, executionRoleName } = watched;
  // Every stack has roles; the stack for IAM's events may be in another region.
  const executionRoles = [...new Set([...deployment.regions, IAM_REGION])].map((region) => executionRoleName(region));
  return calls('iam', {
    ...unlessBy(executionRoles.map((name) => names.roleArn(name))),
    $or: [
      {
        eventName: CHANGES_ROLE,
        requestParameters: {
          roleName: [{ prefix: names.of('') }, deployment.breakGlassRole, { prefix: executionRoleName('') }],
        },
      },
      {
        eventName: CHANGES_POLICY,
        requestParameters: { policyArn: [{ prefix: `arn:aws:iam::${deployment.account}:policy/${names.of('')}` }] },
      },
    ],
  });
}

/** What calls name as this secret. */
const secretId = ({ names, region }: Watched, secret: string) => {
  const arn = names.secretArn(secret, region).replace(/-\?+$/, '');
  return secret.startsWith('arn:') ? [arn] : [secret, arn, { prefix: `${arn}-` }];
};

/** Whoever reads one of these could read the KEK: the secret with it, or those with the secret ids for Vault. */
function secretIds(watched: Watched): readonly unknown[] {
  const { deployment, names } = watched;
  const { reader, rotator } = deployment.kek.vault ?? {};
  const secrets = [reader, rotator].flatMap((each) => (each?.auth === 'approle' ? [each.secretIdSecret] : []));
  return [...(hasKekSecret(deployment) ? [names.kekSecret] : []), ...new Set(secrets)].flatMap((secret) =>
    secretId(watched, secret),
  );
}

function changedSecret(watched: Watched): EventPattern {
  const { deployment, names } = watched;
  const { homeRegion } = deployment;
  const own = [
    names.functionRoleArn('rotate-kek', homeRegion),
    names.functionRoleArn('sweep', homeRegion),
    names.functionRoleArn('bootstrap', homeRegion),
    names.roleArn(names.kekRotationScheduleRoleName(homeRegion)),
    // In every region: a list of all would be too long for a pattern.
    names.functionRoleArn('rotations', '*'),
  ];
  return calls('secretsmanager', {
    ...userIdentity({ 'anything-but': { wildcard: [...deployingRoles(watched), ...own] } }),
    eventName: CHANGES_SECRET,
    requestParameters: { secretId: secretId(watched, names.kekSecret) },
  });
}

/** Leaves out the break-glass role, which has an alarm of its own. */
function readSecret(watched: Watched): EventPattern {
  return calls('secretsmanager', {
    ...userIdentity({ 'anything-but': { wildcard: watched.names.roleArn(watched.names.of('*')) } }),
    eventName: ['GetSecretValue'],
    requestParameters: { secretId: secretIds(watched) },
  });
}

/** @param keyIds of the region's four keys */
export function changedKeys(watched: Watched, keyIds: readonly string[]): EventPattern {
  const ids = keyIds.map((id) => ({ suffix: id }));
  const aliases = (['secret', 'tables', 'logs', 'messages'] as const).map((purpose) => watched.names.keyAlias(purpose));
  return calls('kms', {
    ...unlessDeployed(watched),
    $or: [
      { eventName: CHANGES_KEY, resources: { ARN: ids } },
      { eventName: CHANGES_KEY, requestParameters: { keyId: ids } },
      { eventName: CHANGES_ALIAS, requestParameters: { aliasName: aliases } },
      {
        eventName: CHANGES_GRANT,
        sourceIPAddress: [{ 'anything-but': { suffix: '.amazonaws.com' } }],
        resources: { ARN: ids },
      },
    ],
  });
}

const CHANGES_BUCKET = [
  ...['PutBucketPolicy', 'PutBucketLifecycle', 'PutBucketVersioning', 'DeleteBucket'],
  ...['PutBucketObjectLock', 'PutObjectLock', 'PutBucketReplication', 'PutBucketPublicAccessBlock'],
];

/**
 * Changes of the buckets and keys of a region's log, and of the copies that it has. Names of S3's events: S3 User Guide, "Amazon S3 CloudTrail events".
 *
 * @param keyIds of the keys that sign
 */
export function changedLog(
  watched: Watched,
  { ids: keyIds, aliases: keyAliases }: { readonly ids: readonly string[]; readonly aliases: readonly string[] },
): EventPattern {
  const { names, region } = watched;
  const ids = keyIds.map((id) => ({ suffix: id }));
  const buckets = (['archive', 'log', 'failed-batches'] as const).map((purpose) => names.bucket(purpose, region));
  // Of the copies those that are here: CloudTrail tells a change of a bucket in its region.
  const copies = COPIED.map((purpose) => ({ prefix: names.of(`${purpose}-copy-${watched.deployment.account}-`) }));
  return {
    'detail-type': CALL,
    detail: {
      ...unlessDeployed(watched),
      $or: [
        {
          eventSource: ['s3.amazonaws.com'],
          eventName: CHANGES_BUCKET.map((begins) => ({ prefix: begins })),
          requestParameters: { bucketName: [...buckets, ...copies] },
        },
        {
          eventSource: ['kms.amazonaws.com'],
          eventName: [...CHANGES_KEY, ...CHANGES_GRANT],
          resources: { ARN: ids },
        },
        {
          eventSource: ['kms.amazonaws.com'],
          eventName: [...CHANGES_KEY, ...CHANGES_GRANT],
          requestParameters: { keyId: ids },
        },
        {
          eventSource: ['kms.amazonaws.com'],
          eventName: CHANGES_ALIAS,
          requestParameters: {
            aliasName: keyAliases,
          },
        },
      ],
    },
  };
}

function changedFunctions(watched: Watched): EventPattern {
  const { deployment, names, region } = watched;
  const prefix = names.of('');
  return calls('lambda', {
    ...unlessDeployed(watched),
    eventName: CHANGES_FUNCTION.map((begins) => ({ prefix: begins })),
    $or: [
      // The request has a name or an ARN, whole or in part, with or without a version.
      { requestParameters: { functionName: [{ prefix }, { wildcard: `*:function:${prefix}*` }] } },
      // Changes of an event source have its id.
      {
        responseElements: {
          functionArn: [{ prefix: `arn:aws:lambda:${region}:${deployment.account}:function:${prefix}` }],
        },
      },
    ],
  });
}

function changedTables(watched: Watched): EventPattern {
  const { deployment, names, region } = watched;
  const arn = [{ prefix: `arn:aws:dynamodb:${region}:${deployment.account}:table/${names.of('')}` }];
  const name = [{ prefix: names.of('') }, ...arn];
  const parameters = {
    tableName: name,
    sourceTableName: name,
    tableArn: arn,
    sourceTableArn: arn,
    resourceArn: arn,
    backupArn: arn,
  };
  return calls('dynamodb', {
    ...unlessDeployed(watched, names.roleArn(REPLICATION)),
    eventName: CHANGES_TABLE,
    $or: Object.entries(parameters).map(([parameter, values]) => ({ requestParameters: { [parameter]: values } })),
  });
}

/**
 * Changes of what records and reports, and of schedules: trails, rules, schedules, alarms, their topic, and logs with their
 * subscriptions.
 */
function changedEvidence(watched: Watched): EventPattern {
  const { names, region } = watched;
  const topicArn = names.alarmTopicArn(region);
  const own = [{ prefix: names.of('') }];
  const logGroups = [{ prefix: names.logGroup('') }, names.accessLogGroup];
  const changes = [
    ['cloudtrail', ['StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors'], {}],
    ['events', ['PutRule', 'DisableRule', 'DeleteRule'], { name: own }],
    ['events', ['PutTargets', 'RemoveTargets'], { rule: own }],
    ['scheduler', ['UpdateSchedule', 'DeleteSchedule'], { name: own }],
    ['monitoring', ['DeleteAlarms', 'DisableAlarmActions'], { alarmNames: own }],
    ['monitoring', ['PutMetricAlarm', 'SetAlarmState'], { alarmName: own }],
    ['sns', ['DeleteTopic', 'SetTopicAttributes', 'AddPermission', 'RemovePermission'], { topicArn: [topicArn] }],
    ['sns', ['Unsubscribe'], { subscriptionArn: [{ prefix: topicArn }] }],
    [
      'logs',
      [
        ...['DeleteLogGroup', 'DeleteLogStream', 'DisassociateKmsKey', 'PutRetentionPolicy'],
        // Put and Delete of MetricFilter and SubscriptionFilter; TestMetricFilter names no log group.
        { suffix: 'Filter' },
      ],
      { logGroupName: logGroups },
    ],
  ] as const;
  return {
    'detail-type': CALL,
    detail: {
      ...unlessDeployed(watched),
      $or: changes.map(([service, eventName, requestParameters]) => ({
        eventSource: [`${service}.amazonaws.com`],
        eventName: [...eventName],
        ...(Object.keys(requestParameters).length > 0 && { requestParameters }),
      })),
    },
  };
}

const CALL = ['AWS API Call via CloudTrail'];

const calls = (service: string, detail: Record<string, unknown>): EventPattern => ({
  source: [`aws.${service}`],
  'detail-type': CALL,
  detail: { eventSource: [`${service}.amazonaws.com`], ...detail },
});

/** Matches everybody but CloudFormation's role here and at home, from where replicas are managed, and these others. */
const unlessDeployed = (watched: Watched, ...others: readonly string[]) =>
  unlessBy([...deployingRoles(watched), ...others]);

const deployingRoles = ({ deployment, names, region, executionRoleName }: Watched): readonly string[] =>
  [...new Set([region, deployment.homeRegion])].map((each) => names.roleArn(executionRoleName(each)));

const unlessBy = (roles: readonly string[]) => userIdentity({ 'anything-but': roles });

/**
 * Users and the root have no role session, and a negated match needs the field to exist, so its absence is matched too. A
 * service's own actions have no role either.
 */
const userIdentity = (roleArn: Record<string, unknown>) => ({
  userIdentity: {
    type: [{ 'anything-but': 'AWSService' }],
    sessionContext: { sessionIssuer: { arn: [{ exists: false }, roleArn] } },
  },
});
