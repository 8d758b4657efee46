import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CURRENT } from '../../lambdas/core/contract/secret-stages';
import type { FunctionName } from '../../lambdas/core/contract/functions';
import type { TableName } from '../../lambdas/core/contract/tables';
import type { Deployment } from '../configuration';
import type { QueueName, ResourceNames } from '../resource-names';

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

/** Audit events alone are written wherever the request was served. */
const WRITTEN_AT_HOME = ['keysets', 'credentials', 'rotations'] as const;

/** Every call that writes an item, by whichever name; PartiQL has its own actions. */
const WRITES = [
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PartiQLDelete',
];

export interface PermissionProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
  /** The region that the function runs in. */
  readonly region: string;
}

/**
 * Exactly what a function needs, by its name, beside writing its own log. Writing anything but audit events outside the home
 * region is denied to all of them: global tables keep the last writer, not the right one.
 */
export function functionPermissions(name: FunctionName, props: PermissionProps): readonly PolicyStatement[] {
  return [...allowed(name, props), ...denied(props)];
}

function allowed(name: FunctionName, { deployment, names, region }: PermissionProps): readonly PolicyStatement[] {
  const { regions, homeRegion } = deployment;
  const here = [region];
  const home = [homeRegion];
  const table = (of: TableName, where: readonly string[], ...actions: string[]) =>
    allow(
      actions.map((action) => `dynamodb:${action}`),
      where.map((each) => names.tableArn(of, each)),
    );
  const readKeysets = (where: readonly string[]) => table('keysets', where, 'GetItem');
  /** What decides which KEK is needed is what is stored, whoever is configured. */
  const listKeysets = () => table('keysets', regions, 'Scan');
  const readKek = (where: readonly string[]) =>
    allow(
      ['secretsmanager:GetSecretValue'],
      where.map((each) => names.kekSecretArn(each)),
      { StringEquals: { 'secretsmanager:VersionStage': CURRENT } },
    );
  const putAudit = table('audit', here, 'PutItem');
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
  /** What starts or goes on with a DEK rotation, wherever it runs: all of it at home, but for the proofs. */
  const rotateDeks = () => [
    readKek(regions),
    table('keysets', home, 'GetItem', 'PutItem'),
    table('rotations', home, 'GetItem', 'Query', 'PutItem'),
    table('credentials', home, 'GetItem', 'Query'),
    send('dek-rotation'),
    allow(
      ['lambda:InvokeFunction'],
      regions.map((each) => names.functionArn('prove-keyset', each)),
    ),
  ];
  const findByVersion = () => allow(['dynamodb:Query'], [names.byKeyVersionIndexArn(homeRegion)]);
  switch (name) {
    case 'encrypt':
    case 'decrypt':
    case 'rewrap':
      return [readKeysets(regions), readKek(regions), putAudit];
    case 'credentials':
      return [
        readKeysets(regions),
        readKek(regions),
        putAudit,
        table('credentials', [...new Set([region, homeRegion])], 'GetItem', 'Query'),
        table('credentials', home, 'PutItem'),
      ];
    case 'keys':
      return [readKeysets(here)];
    case 'rotations':
      return [...rotateDeks(), findByVersion(), putAudit];
    case 'prove-keyset':
      // Nothing of another region: what that has proves nothing of this one.
      return [readKeysets(here), readKek(here)];
    case 'audit':
      return [table('audit', here, 'Query'), table('keysets', here, 'GetItem', 'Scan')];
    case 'health':
      return [readKeysets(regions), readKek(regions), table('audit', here, 'GetItem', 'Query')];
    case 'rotate-kek':
      return [
        secret('DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'),
        listKeysets(),
        send('rewrap'),
        putAudit,
      ];
    case 'rewrap-deks':
      return [readKek(regions), listKeysets(), table('keysets', home, 'GetItem', 'PutItem'), putAudit, serve('rewrap')];
    case 'rotation-worker':
      return [...rotateDeks(), table('credentials', home, 'PutItem'), putAudit, serve('dek-rotation')];
    case 'sweep':
      return [
        ...rotateDeks(),
        listKeysets(),
        findByVersion(),
        table('audit', here, 'GetItem', 'Query', 'PutItem'),
        ...startRotation({ deployment, names }),
      ];
    case 'bootstrap':
      return [
        ...startRotation({ deployment, names }),
        readKek(regions),
        readKeysets(regions),
        table('keysets', home, 'PutItem'),
        table('credentials', home, 'Query'),
        table('audit', here, 'GetItem', 'Query', 'PutItem'),
      ];
  }
}

/**
 * Secrets Manager lets rotate only who may invoke the function that rotates: here through Secrets Manager alone, never
 * directly (https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html).
 */
export const startRotation = ({
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

const allow = (
  actions: readonly string[],
  resources: readonly string[],
  conditions?: Record<string, unknown>,
): PolicyStatement =>
  new PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions !== undefined && { conditions }),
  });
