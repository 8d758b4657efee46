import { arn, OTHER_SECRET, SECRET } from '../operations/function-cases';
import { filledIn, HANDBOOK, passage } from '../handbook';
import { ACCOUNT, HOME, REGIONS } from '../synthesized';
import { isAllowed, resourcePolicy, roleArn, type Policy } from '../simulated-iam';

/** The role of an operator who pastes the handbook's commands. */
const documentOf = (option: string): Policy => {
  const found = new RegExp(`--${option} '([^']*)'`).exec(filledIn(passage('Before the first deployment')))!;
  return JSON.parse(found[1]!) as Policy;
};
const ROTATE_KEK = arn('lambda', HOME, 'function:keyward-rotate-kek');

const may = (action: string, resource: string, context = {}): Promise<boolean> =>
  isAllowed({
    principal: roleArn('keyward-break-glass'),
    policies: [documentOf('policy-document')],
    action,
    resource,
    context,
    ...(resource.includes(':secret:') && {
      resourcePolicy: resourcePolicy('keyward-data', 'AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy'),
    }),
  });

test('the handbook has it made before the first deployment', () => {
  const made = HANDBOOK.indexOf('aws iam create-role --role-name <stage>-break-glass');
  expect(made).toBeGreaterThan(HANDBOOK.indexOf('## Deploy'));
  expect(made).toBeLessThan(HANDBOOK.indexOf('npx cdk deploy --all'));
});

/** Every call of Secrets Manager in the handbook, as the CLI spells it. */
const calls = [...HANDBOOK.matchAll(/aws secretsmanager ([a-z-]+)/g)].map(([, call]) => call!);
const actionOf = (call: string): string =>
  call
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
const recipes = [...new Set(calls)].map((call) => ({ call, action: `secretsmanager:${actionOf(call)}` }));

test.each(recipes)('it may $call, of the KEK alone', async ({ action }) => {
  expect(await may(action, arn('secretsmanager', HOME, SECRET))).toBe(true);
  expect(await may(action, arn('secretsmanager', HOME, OTHER_SECRET))).toBe(false);
});

test('the recipes are there', () => {
  const named = recipes.map(({ call }) => call);
  for (const call of [
    'describe-secret',
    'get-secret-value',
    'put-secret-value',
    'rotate-secret',
    'update-secret-version-stage',
  ]) {
    expect(named).toContain(call);
  }
  for (const title of ['Remove `AWSPENDING`', 'Restore', 'The rotation does not run.']) {
    const [first] = /aws secretsmanager [a-z-]+/.exec(passage(title))!;
    expect([title, first]).toEqual([title, 'aws secretsmanager describe-secret']);
  }
});

test('it starts a rotation through Secrets Manager alone, and promotes a replica nowhere by mistake of a region', async () => {
  expect(await may('lambda:InvokeFunction', ROTATE_KEK)).toBe(false);
  expect(await may('lambda:InvokeFunction', ROTATE_KEK, { 'aws:ViaAWSService': 'true' })).toBe(true);
  const other = arn('lambda', HOME, 'function:keyward-decrypt');
  expect(await may('lambda:InvokeFunction', other, { 'aws:ViaAWSService': 'true' })).toBe(false);
  for (const region of REGIONS) {
    expect(await may('secretsmanager:GetSecretValue', arn('secretsmanager', region, SECRET))).toBe(true);
  }
});

test('people take it with MFA', () => {
  expect(documentOf('assume-role-policy-document').Statement).toEqual([
    {
      Effect: 'Allow',
      Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:user/<one>`, `arn:aws:iam::${ACCOUNT}:user/<other>`] },
      Action: 'sts:AssumeRole',
      Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    },
  ]);
});
