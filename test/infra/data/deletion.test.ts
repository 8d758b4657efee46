import { synthesized, type Resource, type Template } from '../synthesized';

const stacks = [...synthesized().templates];

const exportsOf = (template: Template): readonly string[] =>
  Object.values((template as { Outputs?: Record<string, { Export?: { Name: string } }> }).Outputs ?? {}).flatMap(
    ({ Export }) => Export?.Name ?? [],
  );
const importsOf = (template: Template): readonly string[] =>
  Array.from(JSON.stringify(template).matchAll(/"Fn::ImportValue":"([^"]*)"/g), ([, name]) => name!);

/** CloudFormation deletes no stack of which another one imports an export. */
test('no stack imports from the API or from the operations: each of them can be deleted alone', () => {
  const imported = new Set(stacks.flatMap(([, template]) => importsOf(template)));
  expect(imported.size).toBeGreaterThan(0);
  for (const [stack, template] of stacks.filter(([name]) => /-api-|-operations$/.test(name))) {
    expect([stack, exportsOf(template).filter((name) => imported.has(name))]).toEqual([stack, []]);
  }
});

test('alarms at home notify the topic of the home region, by its ARN', () => {
  const alarms = Object.values(synthesized().templates.get('keyward-operations')!.Resources).filter(
    ({ Type }) => Type === 'AWS::CloudWatch::Alarm',
  );
  expect(alarms.length).toBeGreaterThan(10);
  for (const { Properties } of alarms) {
    for (const actions of [Properties['AlarmActions'], Properties['OKActions']]) {
      expect(actions).toEqual(['arn:aws:sns:us-east-1:111111111111:keyward-alarms']);
    }
  }
  const topics = Object.values(synthesized().templates.get('keyward-api-us-east-1')!.Resources).filter(
    ({ Type }) => Type === 'AWS::SNS::Topic',
  );
  expect(topics.map(({ Properties }) => Properties['TopicName'])).toEqual(['keyward-alarms']);
});

/**
 * "ImportExistingResources … can only import resources that have custom names in templates" (CloudFormation API, CreateChangeSet), and
 * each needs a DeletionPolicy (User Guide, "Import AWS resources into a CloudFormation stack").
 */
test('what stays when a stack is deleted goes back into it by its name', () => {
  const name = ({ Properties }: Resource): unknown =>
    Properties['TableName'] ?? Properties['LogGroupName'] ?? Properties['BucketName'] ?? Properties['Name'];
  const nameless = [
    'AWS::KMS::Key',
    'AWS::ApiGateway::Account',
    'AWS::IAM::Role',
    'AWS::S3::BucketPolicy',
    'AWS::SecretsManager::ResourcePolicy',
  ];
  let seen = 0;
  for (const [stack, { Resources }] of stacks) {
    for (const [id, resource] of Object.entries(Resources)) {
      if (resource.DeletionPolicy !== 'Retain' || nameless.includes(resource.Type)) continue;
      seen += 1;
      expect([stack, id, typeof name(resource)]).toEqual([stack, id, 'string']);
    }
  }
  expect(seen).toBeGreaterThan(35);
});
