import {
  byName,
  changes,
  consoleUser,
  deployment,
  event,
  inRole,
  KEY_IDS,
  OTHER_KEY,
  replication,
  roleChanges,
  root,
  service,
  SIGNING_KEY_IDS,
  stranger,
  user,
  withKey,
  type Call,
} from './cloudtrail-samples';
import { matchesPattern } from './event-pattern';
import { arn } from '../operations/function-cases';
import { synthesize } from '../synthesize';
import { ACCOUNT, HOME, REGIONS, resourcesOf, synthesized, templateOf, type Synthesized } from '../synthesized';
import { API_ID } from '../simulated-iam';

/** The rules of a region by name, those of its keys among them, with what CloudFormation would fill in. */
function rulesIn(region: string, { templates }: Pick<Synthesized, 'templates'>, stage = 'keyward') {
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    const object = value as Record<string, unknown>;
    const ref = object['Ref'] as string | undefined;
    if (ref !== undefined)
      return { ...KEY_IDS, ...SIGNING_KEY_IDS }[/^(?:disposable)?([a-z]+)[0-9A-F]{8}$/.exec(ref)?.[1] ?? ''] ?? API_ID;
    return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, fill(member)]));
  };
  const rules = ['keys', 'log', 'api'].flatMap((of) =>
    resourcesOf(templates.get(`${stage}-${of}-${region}`)!, 'AWS::Events::Rule'),
  );
  return new Map(
    rules.map(([, { Properties }]) => [
      String(Properties['Name']).replace(`${stage}-`, ''),
      { pattern: fill(Properties['EventPattern']), state: Properties['State'], targets: Properties['Targets'] },
    ]),
  );
}

const standard = new Map(REGIONS.map((region) => [region as string, rulesIn(region, synthesized())]));

/** The change rules that a call matches. */
const rings = (call: Call, who: object, region: string, rules = standard.get(region)!): readonly string[] =>
  [...rules]
    .filter(([name, { pattern }]) => name !== 'break-glass' && matchesPattern(pattern, event(call, who, region)))
    .map(([name]) => name);

const PEOPLE = { user, consoleUser, root, stranger, administrator: inRole('administrator') };

test.each(REGIONS)('in %s whoever changes something rings, and its rule alone', (region) => {
  for (const [rule, calls] of Object.entries(changes(region))) {
    for (const call of calls) {
      for (const [who, identity] of Object.entries(PEOPLE)) {
        expect([call, who, rings(call, identity, region)]).toEqual([call, who, [rule]]);
      }
    }
  }
});

test("in us-east-1, where IAM's events arrive, changes of roles ring, of the deployment's own and of the one for emergencies too", () => {
  for (const call of roleChanges) {
    for (const [who, identity] of Object.entries(PEOPLE)) {
      expect([call, who, rings(call, identity, HOME)]).toEqual([call, who, ['changed-roles']]);
    }
    expect(standard.get('eu-west-1')!.has('changed-roles')).toBe(false);
  }
});

test.each(REGIONS)('in %s a deployment rings nothing, nor what a service does of itself', (region) => {
  const all = [...Object.values(changes(region)).flat(), ...roleChanges];
  for (const call of all) {
    for (const who of [deployment(region), deployment(HOME), service]) {
      expect([call, rings(call, who, region)]).toEqual([call, []]);
    }
  }
  for (const other of REGIONS) {
    for (const call of roleChanges) expect([call, rings(call, deployment(other), HOME)]).toEqual([call, []]);
  }
});

test('a role that only looks like the one that deploys rings', () => {
  const call = byName('UpdateFunctionCode20150331v2', 'keyward-decrypt');
  for (const name of [
    `cdk-mine-cfn-exec-role-${ACCOUNT}-${HOME}`,
    `cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-eu-west-1x`,
    `cdk-hnb659fds-deploy-role-${ACCOUNT}-${HOME}`,
  ]) {
    expect([name, rings(call, inRole(name), HOME)]).toEqual([name, ['changed-functions']]);
  }
});

test('what the rotation does rings nothing; the same by another function of ours does', () => {
  const deps = (eventName: string): Call => ({
    service: 'secretsmanager',
    eventName,
    requestParameters: { secretId: 'keyward/kek' },
  });
  const own = {
    'rotate-kek': ['PutSecretValue', 'UpdateSecretVersionStage'],
    sweep: ['RotateSecret'],
    bootstrap: ['RotateSecret'],
    'rotation-schedule': ['RotateSecret'],
  };
  for (const [name, events] of Object.entries(own)) {
    for (const each of events)
      expect([name, each, rings(deps(each), inRole(`keyward-${name}-us-east-1`), HOME)]).toEqual([name, each, []]);
  }
  expect(rings(deps('PutSecretValue'), inRole('keyward-decrypt-us-east-1'), HOME)).toEqual(['changed-secret']);
  expect(rings(deps('PutSecretValue'), inRole('keyward-break-glass'), HOME)).toEqual(['changed-secret']);
});

test.each(REGIONS)(
  'in %s the KEK read by anything but a function of this deployment rings, a deployment among it',
  (region) => {
    const read: Call = {
      service: 'secretsmanager',
      eventName: 'GetSecretValue',
      requestParameters: { secretId: 'keyward/kek' },
    };
    for (const who of [user, root, stranger, inRole('administrator'), deployment(region)])
      expect(rings(read, who, region)).toEqual(['read-secret']);
    for (const name of ['decrypt-ap-south-1', 'rotate-kek-us-east-1', 'break-glass'])
      expect(rings(read, inRole(`keyward-${name}`), region)).toEqual([]);
    expect(standard.get(region)!.get('read-secret')?.state).toBe('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
  },
);

test("what is somebody else's rings nothing", () => {
  const others: readonly Call[] = [
    ...['other/kek', 'keyward/kek2', arn('secretsmanager', HOME, 'secret:keyward/kek2-AbCdEf')].map((secretId) => ({
      service: 'secretsmanager',
      eventName: 'PutResourcePolicy',
      requestParameters: { secretId },
    })),
    withKey('PutKeyPolicy', OTHER_KEY, HOME),
    { service: 'kms', eventName: 'UpdateAlias', requestParameters: { aliasName: 'alias/other-secret' } },
    byName('UpdateFunctionCode20150331v2', 'other-decrypt'),
    byName('UpdateFunctionCode20150331v2', arn('lambda', HOME, 'function:mykeyward-decrypt')),
    { service: 'dynamodb', eventName: 'DeleteTable', requestParameters: { tableName: 'keywards' } },
    { service: 'apigateway', eventName: 'UpdateMethod', requestParameters: { restApiId: 'other12345' } },
    { service: 'iam', eventName: 'PutRolePolicy', requestParameters: { roleName: 'x-keyward-decrypt-us-east-1' } },
    // A caller's role gets one of Keyward's policies, as the handbook tells the operator.
    {
      service: 'iam',
      eventName: 'AttachRolePolicy',
      requestParameters: {
        roleName: 'search',
        policyArn: `arn:aws:iam::${ACCOUNT}:policy/keyward-us-east-1-openai-decrypt`,
      },
    },
    { service: 'logs', eventName: 'DeleteLogGroup', requestParameters: { logGroupName: '/aws/lambda/other' } },
    { service: 'monitoring', eventName: 'DeleteAlarms', requestParameters: { alarmNames: ['other'] } },
    { service: 'lambda', eventName: 'UpdateFunctionCode20150331v2', requestParameters: null, responseElements: null },
  ];
  for (const call of others) expect([call, rings(call, user, HOME)]).toEqual([call, []]);
});

test('what goes on every day rings nothing', () => {
  const daily: readonly (readonly [Call, object])[] = [
    [byName('Invoke', 'keyward-decrypt'), user],
    [
      { ...withKey('CreateGrant', KEY_IDS['tables']!, HOME), sourceIPAddress: 'dynamodb.amazonaws.com' },
      inRole('administrator'),
    ],
    [
      { service: 'dynamodb', eventName: 'UpdateTimeToLive', requestParameters: { tableName: 'keyward-audit' } },
      replication,
    ],
    [
      {
        service: 'logs',
        eventName: 'CreateLogStream',
        requestParameters: { logGroupName: '/aws/lambda/keyward-decrypt' },
      },
      inRole('keyward-decrypt-us-east-1'),
    ],
    [{ service: 'secretsmanager', eventName: 'DescribeSecret', requestParameters: { secretId: 'keyward/kek' } }, user],
  ];
  for (const [call, who] of daily) expect([call, rings(call, who, HOME)]).toEqual([call, []]);
});

test('every rule tells the topic, and the alarm counts all of them but that of the role for emergencies', () => {
  for (const region of REGIONS) {
    const rules = standard.get(region)!;
    expect(rules.size).toBe(region === HOME ? 10 : 9);
    for (const [name, { targets }] of rules) {
      const topic =
        name === 'break-glass'
          ? { Ref: expect.stringMatching(/^alarms/) as unknown }
          : arn('sns', region, 'keyward-alarms');
      expect([name, targets]).toEqual([name, [{ Id: 'alarms', Arn: topic }]]);
    }
    const alarm = resourcesOf(templateOf(`keyward-api-${region}`), 'AWS::CloudWatch::Alarm').find(
      ([, { Properties }]) => Properties['AlarmName'] === 'keyward-changed-by-hand',
    );
    const metrics = alarm![1].Properties['Metrics'] as {
      MetricStat?: { Metric: { Dimensions: { Value: string }[] } };
    }[];
    const counted = metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.Dimensions.map(({ Value }) => Value) ?? []);
    const wanted = [...rules.keys()].filter((name) => name !== 'break-glass').map((name) => `keyward-${name}`);
    expect(counted.toSorted()).toEqual(wanted.toSorted());
  }
});

test('each pattern stays within what EventBridge takes, for the longest names and twelve regions', () => {
  const replica_regions = [
    ...['us-east-1', 'eu-west-2', 'eu-west-3', 'eu-central-1', 'eu-north-1', 'ap-south-1', 'ap-southeast-1'],
    ...['ap-southeast-2', 'ap-northeast-1', 'ap-northeast-2', 'ca-central-1'],
  ];
  const stage = 'a-stage-of-20-letter';
  const made = synthesize({ stage, home_region: 'ap-southeast-3', replica_regions, break_glass_role: 'b'.repeat(64) });
  for (const region of ['ap-southeast-3', ...replica_regions]) {
    for (const [name, { pattern }] of rulesIn(region, made, stage)) {
      // "Event pattern size: 2,048" (Amazon EventBridge quotas); only on request more.
      expect([name, JSON.stringify(pattern).length <= 2048]).toEqual([name, true]);
    }
  }
});

test('a deployment that is not in us-east-1 has what happens to its roles there sent home', () => {
  const { templates } = synthesize({ home_region: 'eu-west-1', replica_regions: ['eu-central-1'] });
  const rules = resourcesOf(templates.get('keyward-iam-events')!, 'AWS::Events::Rule').map(
    ([, each]) => each.Properties,
  );
  expect(rules.map((rule) => rule['Name'])).toEqual(['keyward-changed-roles-iam', 'keyward-break-glass-iam']);
  const home = rulesIn('eu-west-1', { templates });
  expect(home.has('changed-roles')).toBe(true);
  expect(rulesIn('eu-central-1', { templates }).has('changed-roles')).toBe(false);
  for (const [index, name] of ['changed-roles', 'break-glass'].entries()) {
    expect(rules[index]!['EventPattern']).toEqual(home.get(name)!.pattern);
    expect(rules[index]!['Targets']).toEqual([
      {
        Id: 'home',
        Arn: `arn:aws:events:eu-west-1:${ACCOUNT}:event-bus/default`,
        RoleArn: expect.anything() as unknown,
      },
    ]);
  }
  const own: Call = {
    service: 'iam',
    eventName: 'PutRolePolicy',
    requestParameters: { roleName: 'keyward-iam-events' },
  };
  for (const region of ['eu-west-1', 'eu-central-1', 'us-east-1']) {
    expect([region, rings(own, deployment(region), 'eu-west-1', home)]).toEqual([region, []]);
  }
  expect(rings(own, user, 'eu-west-1', home)).toEqual(['changed-roles']);
  expect(synthesized().templates.has('keyward-iam-events')).toBe(false);
});
