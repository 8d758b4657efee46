import { CALLER_GRANTS } from '../../../lambdas/core/contract/grants';
import { synthesize } from '../synthesize';
import { resourcesOf, type Template } from '../synthesized';

/**
 * IAM and AWS STS quotas: characters of a managed policy, white space apart. CloudFormation quotas: resources in a stack, and bytes of a
 * template in a bucket.
 */
const MAX_POLICY_CHARACTERS = 6144;
const MAX_RESOURCES = 500;
const MAX_TEMPLATE_BYTES = 1_000_000;
/** Reserve of resources in a stack; a call takes at most two. */
const ROOM = 4;

/** CloudFormation fills in an API's id of ten characters. */
function filledIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filledIn);
  if (typeof value !== 'object' || value === null) return value;
  if ('Ref' in value) return 'a1b2c3d4e5';
  if ('Fn::Join' in value) return (filledIn((value['Fn::Join'] as [string, unknown[]])[1]) as string[]).join('');
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filledIn(member)]));
}

test('as many and as long providers as the configuration takes fit into policies and stacks', () => {
  const providers = Array.from({ length: 40 }, (_, index) => `p${index}`.padEnd(50, '-x'));
  // The longest names: no deployment has longer policies.
  const { templates } = synthesize({ stage: 'k'.repeat(20), providers, replica_regions: ['ap-southeast-2'] });
  for (const [stack, template] of templates) {
    expect([stack, Object.keys(template.Resources).length <= MAX_RESOURCES - ROOM]).toEqual([stack, true]);
    // As CDK writes it, with spaces.
    expect([stack, Buffer.byteLength(JSON.stringify(template, undefined, 1)) < MAX_TEMPLATE_BYTES]).toEqual([
      stack,
      true,
    ]);
    for (const [, { Properties }] of resourcesOf(template, 'AWS::IAM::ManagedPolicy')) {
      const name = Properties['ManagedPolicyName'] as string;
      const { length } = JSON.stringify(filledIn(Properties['PolicyDocument']));
      expect([name, name.length <= 128, length <= MAX_POLICY_CHARACTERS]).toEqual([name, true, true]);
    }
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::IAM::Role')) {
      const { length } = (Properties['RoleName'] ?? '') as string;
      expect([id, length <= 64]).toEqual([id, true]);
    }
  }
  const api = templates.get(`${'k'.repeat(20)}-api-us-east-1`)!;
  const keysets = policyNames(api).filter((name) => name.includes('-operators-keysets'));
  expect(keysets).toEqual(
    ['', '-2'].slice(0, keysets.length).map((end) => `${'k'.repeat(20)}-us-east-1-operators-keysets${end}`),
  );
  const granted = resourcesOf(api, 'AWS::IAM::ManagedPolicy').flatMap(([, { Properties }]) => {
    const { Statement } = filledIn(Properties['PolicyDocument']) as { Statement: { Resource: string | string[] }[] };
    return Statement.flatMap(({ Resource }) => Resource);
  });
  for (const provider of providers) {
    expect(granted.filter((each) => each.endsWith(`/GET/v1/providers/${provider}`))).toHaveLength(1);
    // What an existing deployment has attached to its roles goes on under its name, and what is new has one of its own.
    for (const grant of CALLER_GRANTS) {
      const name = `${'k'.repeat(20)}-us-east-1-${provider}-${grant}`;
      expect(policyNames(api).filter((each) => each === name)).toHaveLength(1);
    }
  }
});

const policyNames = (template: Template): readonly string[] =>
  resourcesOf(template, 'AWS::IAM::ManagedPolicy').map(
    ([, { Properties }]) => Properties['ManagedPolicyName'] as string,
  );
