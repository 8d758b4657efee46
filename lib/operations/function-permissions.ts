import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CURRENT } from '../../lambdas/core/contract/secret-stages';
import type { FunctionName } from '../../lambdas/core/contract/functions';
import type { TableName } from '../../lambdas/core/contract/tables';
import { hasKekSecret } from '../kek-configuration';
import type { QueueName } from '../resource-names';
import { allow } from './allow';
import type { PermissionProps } from './permission-props';
import { archiveEvents, publishCheckpoint, readLogs } from './log-permissions';

/** The functions that read the KEK; the secret's own policy keeps out everything else. */
export const READS_KEK = [
  'encrypt',
  'decrypt',
  'rewrap',
  'credentials',
  'rotations',
  'health',
  'prove-keyset',
  'rotate-kek',
  'rewrap-deks',
  'rotation-worker',
  'sweep',
  'bootstrap',
] as const satisfies readonly FunctionName[];

/** Tables that are written at home; audit events are written where the request is served. */
const WRITTEN_AT_HOME = ['keysets', 'credentials', 'rotations'] as const;

/** Every action that writes an item; PartiQL has its own. */
const WRITES = [
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PartiQLDelete',
];

/**
 * The permissions of a function by its name, without those for its own log. All are denied to write anything but audit events
 * outside the home region: global tables are last-writer-wins.
 */
export function functionPermissions(name: FunctionName, props: PermissionProps): readonly PolicyStatement[] {
  return [...allowed(name, props), ...denied(props)];
}

function allowed(name: FunctionName, props: PermissionProps): readonly PolicyStatement[] {
  const { deployment, names, region } = props;
  const { regions, homeRegion } = deployment;
  const here = [region];
  const home = [homeRegion];
  const table = (of: TableName, where: readonly string[], ...actions: string[]) =>
    allow(
      actions.map((action) => `dynamodb:${action}`),
      where.map((each) => names.tableArn(of, each)),
    );
  const readKeysets = (where: readonly string[]) => table('keysets', where, 'GetItem');
  /** Lists all stored keysets, because they decide which KEKs are needed, also for providers that are not configured. */
  const listKeysets = () => table('keysets', regions, 'Scan');
  /** Reads the row of a move of the KEK: whoever writes a KEK or a keyset under it asks, also with one home. */
  const readMove = () => table('rotations', home, 'GetItem');
  /** Reads the KEK from its home, or from both during a move. */
  const readKek = (where: readonly string[]): readonly PolicyStatement[] => [
    ...(hasKekSecret(deployment) ? [readCurrent(where.map((each) => names.kekSecretArn(each)))] : []),
    ...logInAtVault('reader', props),
    ...(deployment.kek.movingFrom === undefined ? [] : [readMove()]),
  ];
  const putAudit = table('audit', here, 'PutItem');
  /** Adds events in groups. Not BatchWriteItem: its permission allows to delete. */
  const insertAudit = table('audit', here, 'PartiQLInsert');
  const secret = (...actions: string[]) =>
    allow(
      actions.map((action) => `secretsmanager:${action}`),
      [names.kekSecretArn(homeRegion)],
    );
  const send = (to: QueueName) => allow(['sqs:SendMessage'], [names.queueArn(to, homeRegion)]);
  const serve = (from: QueueName) =>
    allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      [names.queueArn(from, homeRegion)],
    );
  /** Permissions to start or advance a DEK rotation in any region: all at home but the proofs. */
  const rotateDeks = () => [
    ...readKek(regions),
    table('keysets', home, 'GetItem', 'PutItem'),
    table('rotations', home, 'GetItem', 'Query', 'PutItem'),
    table('credentials', home, 'GetItem', 'Query'),
    send('dek-rotation'),
    askRegions(),
  ];
  const askRegions = () =>
    allow(
      ['lambda:InvokeFunction'],
      regions.map((each) => names.functionArn('prove-keyset', each)),
    );
  /** Moves the KEK: writes its row, and has each region prove the copy. */
  const moveKek = () => [
    table('rotations', home, 'GetItem', 'PutItem'),
    table('keysets', home, 'GetItem'),
    askRegions(),
  ];
  const findByVersion = () => allow(['dynamodb:Query'], [names.byKeyVersionIndexArn(homeRegion)]);
  switch (name) {
    case 'encrypt':
    case 'decrypt':
    case 'rewrap':
      return [readKeysets(regions), ...readKek(regions), putAudit, insertAudit];
    case 'credentials':
      return [
        readKeysets(regions),
        ...readKek(regions),
        putAudit,
        table('credentials', [...new Set([region, homeRegion])], 'GetItem', 'Query'),
        table('credentials', home, 'PutItem'),
      ];
    case 'keys':
      return [readKeysets(here)];
    case 'rotations':
      return [
        ...rotateDeks(),
        findByVersion(),
        putAudit,
        ...(hasKekSecret(deployment) ? [secret('DescribeSecret')] : []),
        ...requestKekRotation(props),
      ];
    case 'prove-keyset':
      // Nothing of another region: its data would prove nothing about this one.
      return [readKeysets(here), ...readKek(here)];
    case 'audit':
      return [
        table('audit', here, 'Query', 'PutItem'),
        table('keysets', here, 'GetItem', 'Scan'),
        ...(deployment.log === undefined ? [] : readLogs(props)),
      ];
    case 'archive-events':
      return archiveEvents(props);
    case 'publish-checkpoint':
      return publishCheckpoint(props);
    case 'record-refusals':
      // Lambda puts what could not be recorded into the queue with the function's role.
      return [putAudit, insertAudit, allow(['sqs:SendMessage'], [names.failedRefusalsQueueArn(region)])];
    case 'health':
      return [readKeysets(regions), ...readKek(regions), table('audit', here, 'GetItem', 'Query')];
    case 'rotate-kek':
      return [
        ...(hasKekSecret(deployment)
          ? [secret('DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage')]
          : []),
        listKeysets(),
        send('rewrap'),
        putAudit,
        ...logInAtVault('rotator', props),
        ...(deployment.kek.movingFrom === undefined ? [readMove()] : moveKek()),
      ];
    case 'rewrap-deks':
      return [
        ...readKek(regions),
        listKeysets(),
        table('keysets', home, 'GetItem', 'PutItem'),
        putAudit,
        serve('rewrap'),
        ...(deployment.kek.movingFrom === undefined ? [readMove()] : []),
        ...(deployment.kek.vault === undefined ? [] : [askRegions()]),
      ];
    case 'rotation-worker':
      return [...rotateDeks(), table('credentials', home, 'PutItem'), putAudit, serve('dek-rotation')];
    case 'sweep':
      return [
        ...rotateDeks(),
        listKeysets(),
        findByVersion(),
        table('audit', here, 'GetItem', 'Query', 'PutItem'),
        ...requestKekRotation(props),
      ];
    case 'bootstrap':
      return [
        ...requestKekRotation(props),
        ...readKek(regions),
        readKeysets(regions),
        table('keysets', home, 'PutItem'),
        ...(deployment.kek.movingFrom === undefined ? [readMove()] : []),
        table('credentials', home, 'Query'),
        table('audit', here, 'GetItem', 'Query', 'PutItem'),
      ];
  }
}

/** Requests rotations of the KEK, from Secrets Manager or from the function that makes them. */
const requestKekRotation = (props: PermissionProps): readonly PolicyStatement[] => [
  ...(hasKekSecret(props.deployment) ? startKekRotation(props) : []),
  ...requestFromRotator(props),
];

function requestFromRotator({ deployment, names }: PermissionProps): readonly PolicyStatement[] {
  if (deployment.kek.vault === undefined) return [];
  return [allow(['lambda:InvokeFunction'], [names.functionArn('rotate-kek', deployment.homeRegion)])];
}

const readCurrent = (secrets: readonly string[]): PolicyStatement =>
  allow(['secretsmanager:GetSecretValue'], secrets, { StringEquals: { 'secretsmanager:VersionStage': CURRENT } });

/** Reads the secret id of an AppRole. Nobody may write it here; the identity of a role needs no permission. */
function logInAtVault(
  who: 'reader' | 'rotator',
  { deployment: { kek }, names, region }: PermissionProps,
): readonly PolicyStatement[] {
  const identity = kek.vault?.[who];
  return identity?.auth === 'approle' ? [readCurrent([names.secretArn(identity.secretIdSecret, region)])] : [];
}

/**
 * Secrets Manager requires permission to invoke the rotation function: here through Secrets Manager alone, never directly
 * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html).
 */
export const startKekRotation = ({
  deployment,
  names,
}: Pick<PermissionProps, 'deployment' | 'names'>): readonly PolicyStatement[] => [
  allow(['secretsmanager:RotateSecret'], [names.kekSecretArn(deployment.homeRegion)]),
  allow(['lambda:InvokeFunction'], [names.functionArn('rotate-kek', deployment.homeRegion)], {
    Bool: { 'aws:ViaAWSService': 'true' },
  }),
];

function denied({ deployment, names }: PermissionProps): readonly PolicyStatement[] {
  const resources = deployment.replicaRegions.flatMap((region) =>
    WRITTEN_AT_HOME.map((table) => names.tableArn(table, region)),
  );
  if (resources.length === 0) return [];
  return [new PolicyStatement({ sid: 'OnlyHomeWrites', effect: Effect.DENY, actions: WRITES, resources })];
}
