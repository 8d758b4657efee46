import { ACCOUNT, REGIONS, resourcesOf, synthesized, templateOf } from '../synthesized';
import { isAllowed, resourcePolicy, roleArn, type Policy } from '../simulated-iam';

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Action: string | readonly string[];
  readonly Condition?: unknown;
}

const keyPolicy = (region: string, purpose: string): Policy =>
  resourcePolicy(`keyward-keys-${region}`, 'AWS::KMS::Key', 'KeyPolicy', purpose);

const statements = (policy: Policy): readonly Statement[] => policy.Statement as readonly Statement[];

const serviceOf = ({ Principal }: Statement): unknown => (Principal as { Service?: unknown }).Service;

/** May a role without any policy of its own use the key, asked for by a service or directly? */
const may = (region: string, purpose: string, context: Record<string, string>, account = ACCOUNT): Promise<boolean> =>
  isAllowed({
    principal: roleArn('some-service').replace(ACCOUNT, account),
    policies: [],
    action: 'kms:Decrypt',
    resource: `arn:aws:kms:${region}:${ACCOUNT}:key/00000000-0000-4000-8000-000000000000`,
    resourcePolicy: keyPolicy(region, purpose),
    context: { 'kms:CallerAccount': account, ...context },
  });

const THROUGH = { secret: ['secretsmanager'], tables: ['dynamodb'], messages: ['sqs', 'sns'], logs: [] };
/** What these encrypt is replicated, so that the service asks from another region, too. */
const REPLICATED: readonly string[] = ['secret', 'tables'];
const keys = REGIONS.flatMap((region) =>
  Object.entries(THROUGH).map(([purpose, services]) => ({ region, purpose, services: services as readonly string[] })),
);

test.each(keys)(
  'the key for $purpose in $region serves its own services alone',
  async ({ region, purpose, services }) => {
    expect(await may(region, purpose, {})).toBe(false);
    for (const service of ['secretsmanager', 'dynamodb', 'sqs', 'sns', 's3']) {
      for (const at of REGIONS) {
        const through = { 'kms:ViaService': `${service}.${at}.amazonaws.com` };
        const expected = services.includes(service) && (at === region || REPLICATED.includes(purpose));
        expect([service, at, await may(region, purpose, through)]).toEqual([service, at, expected]);
        expect(await may(region, purpose, through, '222222222222')).toBe(false);
      }
      for (const spoofed of [
        `${service}.amazonaws.com`,
        `${service}.us-east-1.example.com`,
        `x${service}.us-east-1.amazonaws.com`,
      ]) {
        expect([spoofed, await may(region, purpose, { 'kms:ViaService': spoofed })]).toEqual([spoofed, false]);
      }
    }
  },
);

test.each(REGIONS)('in %s the log service uses its key for the log groups of this deployment', (region) => {
  const [own] = statements(keyPolicy(region, 'logs')).filter((each) => serviceOf(each) !== undefined);
  expect(own).toMatchObject({
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Condition: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': [
          `arn:aws:logs:${region}:${ACCOUNT}:log-group:/aws/lambda/keyward-*`,
          `arn:aws:logs:${region}:${ACCOUNT}:log-group:/aws/apigateway/keyward-access`,
        ],
      },
    },
  });
});

test('every log group has the key of its region, an end, and a life after its stack', () => {
  let seen = 0;
  for (const [stack, template] of synthesized().templates) {
    for (const [id, group] of resourcesOf(template, 'AWS::Logs::LogGroup')) {
      seen += 1;
      const { KmsKeyId, RetentionInDays } = group.Properties;
      const region = REGIONS.find((each) => stack.endsWith(each)) ?? 'us-east-1';
      expect([id, JSON.stringify(KmsKeyId)]).toEqual([id, expect.stringContaining(`keyward-keys-${region}:`)]);
      expect([id, RetentionInDays, group.DeletionPolicy]).toEqual([id, 400, 'Retain']);
    }
  }
  expect(seen).toBeGreaterThan(3 * 8);
});

/**
 * EventBridge hands no source over to SNS and KMS ("You can't use Condition blocks in Amazon SNS topic policies for
 * EventBridge", EventBridge User Guide): with a condition the break-glass notice would never arrive.
 */
test.each(REGIONS)('in %s alarms reach the topic from this account, and events reach it at all', (region) => {
  const topic = resourcePolicy(`keyward-api-${region}`, 'AWS::SNS::TopicPolicy', 'PolicyDocument');
  for (const policy of [topic, keyPolicy(region, 'messages')]) {
    const by = (service: string) =>
      statements(policy).find((each) => serviceOf(each) === service && each.Effect === 'Allow');
    expect(by('events.amazonaws.com')).toBeDefined();
    expect(by('events.amazonaws.com')?.Condition).toBeUndefined();
    expect(by('cloudwatch.amazonaws.com')?.Condition).toEqual({ StringEquals: { 'aws:SourceAccount': ACCOUNT } });
  }
  const plain = statements(topic).find((each) => each.Effect === 'Deny');
  expect(plain).toMatchObject({ Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
  expect(templateOf(`keyward-api-${region}`)).toBeDefined();
});
