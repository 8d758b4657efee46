import { arn } from '../operations/function-cases';
import { API_ID, roleArn } from '../simulated-iam';
import { ACCOUNT } from '../synthesized';

/** Events as CloudTrail writes them and EventBridge gets them: names and fields as the services' own guides show them. */

export const KEY_IDS: Readonly<Record<string, string>> = {
  secret: '11111111-0000-4000-8000-000000000000',
  tables: '22222222-0000-4000-8000-000000000000',
  logs: '33333333-0000-4000-8000-000000000000',
  messages: '44444444-0000-4000-8000-000000000000',
};
/** The keys that sign a region's log, by the beginning of their logical ids. */
export const SIGNING_KEY_IDS: Readonly<Record<string, string>> = {
  signinglog: '66666666-0000-4000-8000-000000000000',
  signingcosigner: '77777777-0000-4000-8000-000000000000',
};
export const OTHER_KEY = '55555555-0000-4000-8000-000000000000';

export const user = { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/alice`, userName: 'alice' };
export const root = { type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root` };
export const consoleUser = { ...user, sessionContext: { sessionIssuer: {}, attributes: { mfaAuthenticated: 'true' } } };
export const stranger = { type: 'AWSAccount', principalId: 'AIDAEXAMPLE', accountId: '222222222222' };
export const inRole = (name: string, session = 'alice') => ({
  type: 'AssumedRole',
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name.split('/').at(-1)}/${session}`,
  sessionContext: { sessionIssuer: { type: 'Role', arn: roleArn(name), userName: name.split('/').at(-1) } },
});
export const deployment = (region: string) => ({
  ...inRole(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${region}`, 'AWSCloudFormation'),
  invokedBy: 'cloudformation.amazonaws.com',
});
export const service = { type: 'AWSService', invokedBy: 'secretsmanager.amazonaws.com' };
export const replication = inRole(
  'aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication',
  'AutoScaling',
);

export interface Call {
  readonly service: string;
  readonly eventName: string;
  readonly requestParameters?: Record<string, unknown> | null;
  readonly responseElements?: Record<string, unknown> | null;
  readonly resources?: readonly Record<string, unknown>[];
  readonly sourceIPAddress?: string;
}

export const event = (call: Call, userIdentity: object, region: string) => {
  const { service: from, ...detail } = call;
  const source = from === 'monitoring' ? 'aws.monitoring' : `aws.${from}`;
  return {
    source,
    'detail-type': 'AWS API Call via CloudTrail',
    region,
    account: ACCOUNT,
    detail: {
      eventSource: `${from}.amazonaws.com`,
      awsRegion: region,
      sourceIPAddress: '203.0.113.7',
      userIdentity,
      readOnly: false,
      ...detail,
    },
  };
};

export const withKey = (eventName: string, id: string, region: string): Call => ({
  service: 'kms',
  eventName,
  requestParameters: { keyId: id, policyName: 'default' },
  resources: [{ accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: arn('kms', region, `key/${id}`) }],
});
export const byName = (eventName: string, functionName: string): Call => ({
  service: 'lambda',
  eventName,
  requestParameters: { functionName },
});

/** The calls that must match, by rule: with CloudTrail's names and fields. */
export const changes = (region: string): Readonly<Record<string, readonly Call[]>> => ({
  'changed-secret': [
    ...['PutResourcePolicy', 'DeleteResourcePolicy', 'PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage'],
    ...['DeleteSecret', 'RestoreSecret', 'RotateSecret', 'CancelRotateSecret', 'ReplicateSecretToRegions'],
    ...['RemoveRegionsFromReplication', 'StopReplicationToReplica', 'AssociateCrossAccountReplica'],
  ].flatMap((eventName) =>
    [
      'keyward/kek',
      arn('secretsmanager', region, 'secret:keyward/kek'),
      arn('secretsmanager', region, 'secret:keyward/kek-AbCdEf'),
    ].map((secretId) => ({ service: 'secretsmanager', eventName, requestParameters: { secretId } })),
  ),
  'changed-keys': [
    ...Object.values(KEY_IDS).flatMap((id) =>
      ['PutKeyPolicy', 'DisableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion', 'DisableKeyRotation'].map((name) =>
        withKey(name, id, region),
      ),
    ),
    // A refused call has no resources.
    {
      service: 'kms',
      eventName: 'PutKeyPolicy',
      requestParameters: { keyId: arn('kms', region, `key/${KEY_IDS['tables']}`) },
    },
    ...['secret', 'tables', 'logs', 'messages'].map((purpose) => ({
      service: 'kms',
      eventName: 'UpdateAlias',
      requestParameters: { aliasName: `alias/keyward-${purpose}`, targetKeyId: OTHER_KEY },
    })),
    { service: 'kms', eventName: 'DeleteAlias', requestParameters: { aliasName: 'alias/keyward-secret' } },
    withKey('CreateGrant', KEY_IDS['secret']!, region),
    withKey('RevokeGrant', KEY_IDS['tables']!, region),
  ],
  'changed-log': [
    ...[
      ...['PutBucketPolicy', 'PutBucketLifecycle', 'PutBucketVersioning', 'PutBucketObjectLockConfiguration'],
      ...['PutObjectLockConfiguration', 'PutBucketReplication', 'PutBucketPublicAccessBlock', 'DeleteBucket'],
      ...['DeleteBucketPolicy', 'DeleteBucketLifecycle'],
    ].flatMap((eventName) =>
      ['archive', 'log', 'failed-batches'].map((purpose) => ({
        service: 's3',
        eventName,
        requestParameters: { bucketName: `keyward-${purpose}-${ACCOUNT}-${region}` },
      })),
    ),
    ...['keyward-archive-copy-111111111111-aps1-in-use1', 'keyward-log-copy-111111111111-use1-in-euw1'].flatMap(
      (bucketName) =>
        ['PutBucketPolicy', 'PutBucketReplication'].map((eventName) => ({
          service: 's3',
          eventName,
          requestParameters: { bucketName },
        })),
    ),
    ...Object.values(SIGNING_KEY_IDS).flatMap((id) =>
      ['PutKeyPolicy', 'DisableKey', 'ScheduleKeyDeletion', 'CreateGrant'].map((name) => withKey(name, id, region)),
    ),
    {
      service: 'kms',
      eventName: 'PutKeyPolicy',
      requestParameters: { keyId: arn('kms', region, `key/${SIGNING_KEY_IDS['signinglog']}`) },
    },
    {
      service: 'kms',
      eventName: 'UpdateAlias',
      requestParameters: { aliasName: 'alias/keyward-signing-log', targetKeyId: OTHER_KEY },
    },
  ],
  'changed-functions': [
    ...[
      ...['UpdateFunctionCode20150331v2', 'UpdateFunctionConfiguration20150331v2', 'AddPermission20150331v2'],
      ...['RemovePermission20150331v2', 'DeleteFunction20150331', 'CreateFunction20150331', 'CreateFunctionUrlConfig'],
      ...['UpdateFunctionUrlConfig', 'CreateEventSourceMapping20150331', 'PutFunctionConcurrency20171031'],
      ...['PutFunctionEventInvokeConfig', 'UpdateFunctionEventInvokeConfig', 'PutFunctionRecursionConfig'],
      ...['PutFunctionCodeSigningConfig', 'PutRuntimeManagementConfig', 'CreateAlias20150331', 'UpdateAlias20150331'],
    ].map((eventName) => byName(eventName, 'keyward-decrypt')),
    ...[
      'keyward-rotate-kek:1',
      arn('lambda', region, 'function:keyward-prove-keyset'),
      `${ACCOUNT}:function:keyward-audit`,
    ].map((name) => byName('UpdateFunctionCode20150331v2', name)),
    ...['UpdateEventSourceMapping20150331', 'DeleteEventSourceMapping20150331'].map((eventName) => ({
      service: 'lambda',
      eventName,
      requestParameters: { uUID: '66666666-0000-4000-8000-000000000000' },
      responseElements: { functionArn: arn('lambda', region, 'function:keyward-rewrap-deks') },
    })),
  ],
  'changed-gateway': [
    'UpdateMethod',
    'PutMethod',
    'PutIntegration',
    'CreateDeployment',
    'UpdateStage',
    'UpdateRestApi',
    'PutRestApi',
  ].map((eventName) => ({ service: 'apigateway', eventName, requestParameters: { restApiId: API_ID } })),
  'changed-tables': [
    ...['keysets', 'credentials', 'audit', 'rotations'].flatMap((table) =>
      [`keyward-${table}`, arn('dynamodb', region, `table/keyward-${table}`)].flatMap((tableName) =>
        [
          'DeleteTable',
          'UpdateTable',
          'UpdateContinuousBackups',
          'UpdateTimeToLive',
          'CreateBackup',
          'EnableKinesisStreamingDestination',
        ].map((eventName) => ({ service: 'dynamodb', eventName, requestParameters: { tableName } })),
      ),
    ),
    ...['PutResourcePolicy', 'DeleteResourcePolicy'].map((eventName) => ({
      service: 'dynamodb',
      eventName,
      requestParameters: {
        resourceArn: arn('dynamodb', region, 'table/keyward-keysets/stream/2026-11-26T00:00:00.000'),
      },
    })),
    {
      service: 'dynamodb',
      eventName: 'ExportTableToPointInTime',
      requestParameters: { tableArn: arn('dynamodb', region, 'table/keyward-audit') },
    },
    {
      service: 'dynamodb',
      eventName: 'RestoreTableToPointInTime',
      requestParameters: { sourceTableName: 'keyward-keysets' },
    },
    {
      service: 'dynamodb',
      eventName: 'DeleteBackup',
      requestParameters: { backupArn: arn('dynamodb', region, 'table/keyward-keysets/backup/01') },
    },
  ],
  'changed-evidence': [
    ...['StopLogging', 'DeleteTrail', 'UpdateTrail'].map((eventName) => ({
      service: 'cloudtrail',
      eventName,
      requestParameters: { name: 'all' },
    })),
    { service: 'cloudtrail', eventName: 'PutEventSelectors', requestParameters: { trailName: 'all' } },
    {
      service: 'scheduler',
      eventName: 'UpdateSchedule',
      requestParameters: { name: 'keyward-rotate-kek', state: 'DISABLED' },
    },
    { service: 'events', eventName: 'DisableRule', requestParameters: { name: 'keyward-changed-secret' } },
    {
      service: 'events',
      eventName: 'RemoveTargets',
      requestParameters: { rule: 'keyward-break-glass', ids: ['alarms'] },
    },
    {
      service: 'monitoring',
      eventName: 'DeleteAlarms',
      requestParameters: { alarmNames: ['other', 'keyward-kek-age'] },
    },
    { service: 'monitoring', eventName: 'PutMetricAlarm', requestParameters: { alarmName: 'keyward-kek-age' } },
    { service: 'sns', eventName: 'DeleteTopic', requestParameters: { topicArn: arn('sns', region, 'keyward-alarms') } },
    {
      service: 'sns',
      eventName: 'Unsubscribe',
      requestParameters: { subscriptionArn: arn('sns', region, 'keyward-alarms:77') },
    },
    ...[
      'DeleteLogGroup',
      'PutSubscriptionFilter',
      'DeleteSubscriptionFilter',
      'PutRetentionPolicy',
      'DisassociateKmsKey',
    ].flatMap((eventName) =>
      ['/aws/lambda/keyward-decrypt', '/aws/apigateway/keyward-access'].map((logGroupName) => ({
        service: 'logs',
        eventName,
        requestParameters: { logGroupName },
      })),
    ),
  ],
});

export const roleChanges: readonly Call[] = [
  ...[
    'UpdateAssumeRolePolicy',
    'PutRolePolicy',
    'AttachRolePolicy',
    'DetachRolePolicy',
    'DeleteRolePolicy',
    'PutRolePermissionsBoundary',
  ].flatMap((eventName) =>
    [
      'keyward-rotate-kek-us-east-1',
      'keyward-decrypt-ap-south-1',
      'keyward-break-glass',
      `cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-eu-west-1`,
    ].map((roleName) => ({ service: 'iam', eventName, requestParameters: { roleName } })),
  ),
  ...['CreatePolicyVersion', 'SetDefaultPolicyVersion'].map((eventName) => ({
    service: 'iam',
    eventName,
    requestParameters: { policyArn: `arn:aws:iam::${ACCOUNT}:policy/keyward-eu-west-1-openai-reveal` },
  })),
];
