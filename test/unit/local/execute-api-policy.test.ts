import { allowsInvoke, invokeArn, policySchema, type Policy } from '../../../local/gateway/execute-api-policy';

const ALL = 'arn:aws:execute-api:*:000000000000:local/local/*';
const OPENAI = 'arn:aws:execute-api:us-east-1:000000000000:local/local/POST/v1/providers/openai/*';

const policy = (...statements: Partial<Policy['Statement'][number]>[]): Policy =>
  policySchema.parse({
    Version: '2012-10-17',
    Statement: statements.map((each) => ({ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: ALL, ...each })),
  });
const may = (by: Policy, method: string, path: string): boolean =>
  allowsInvoke(by, invokeArn('us-east-1', method, path));

const openaiEncrypt = ['POST', '/v1/providers/openai/encrypt'] as const;
const googleEncrypt = ['POST', '/v1/providers/google/encrypt'] as const;

test('names a request as API Gateway does', () => {
  expect(invokeArn('eu-west-1', ...openaiEncrypt)).toBe(
    'arn:aws:execute-api:eu-west-1:000000000000:local/local/POST/v1/providers/openai/encrypt',
  );
});

test('denies by default', () => {
  expect(may(policy(), ...openaiEncrypt)).toBe(false);
  expect(may(policy({ Resource: OPENAI }), ...googleEncrypt)).toBe(false);
  expect(may(policy({ Effect: 'Deny', Resource: OPENAI }), ...googleEncrypt)).toBe(false);
});

test('allows what one of several actions and resources of one statement allow', () => {
  const one = policy({ Action: ['s3:GetObject', 'execute-api:Invoke'], Resource: ['arn:aws:s3:::x', OPENAI] });
  expect(may(one, ...openaiEncrypt)).toBe(true);
  expect(may(one, 'GET', '/v1/providers/openai/encrypt')).toBe(false);
  expect(may(policy({ Action: 's3:*' }), ...openaiEncrypt)).toBe(false);
  expect(may(policy({ Resource: '*' }), ...googleEncrypt)).toBe(true);
});

test('a Deny wins, wherever it stands', () => {
  const deny = { Effect: 'Deny', Resource: OPENAI } as const;
  for (const both of [policy({}, deny), policy(deny, {})]) {
    expect(may(both, ...openaiEncrypt)).toBe(false);
    expect(may(both, ...googleEncrypt)).toBe(true);
  }
});

test('compares actions without regard to case, resources with', () => {
  expect(may(policy({ Action: 'EXECUTE-API:invoke' }), ...openaiEncrypt)).toBe(true);
  expect(may(policy({ Action: 'execute-api:I*' }), ...openaiEncrypt)).toBe(true);
  expect(may(policy({ Resource: OPENAI.replace('openai', 'OpenAI') }), ...openaiEncrypt)).toBe(false);
});

test('another region is another resource', () => {
  expect(allowsInvoke(policy({ Resource: OPENAI }), invokeArn('eu-west-1', ...openaiEncrypt))).toBe(false);
});

test.each([
  ['NotAction', { NotAction: 'execute-api:*' }],
  ['NotResource', { NotResource: OPENAI }],
  ['Condition', { Condition: {} }],
  ['Principal', { Principal: '*' }],
  ['an effect in lower case', { Effect: 'allow' }],
  ['no action', { Action: [] }],
  ['an empty action', { Action: '' }],
  ['no resource', { Resource: undefined }],
  ['a resource that is no ARN', { Resource: '/v1/providers/openai/*' }],
  ['a policy variable', { Resource: 'arn:aws:execute-api:*:*:local/local/POST/${aws:username}' }],
  ['a resource without end', { Resource: `arn:${'*'.repeat(600)}` }],
])('a statement with %s is refused', (_, part) => {
  expect(() => policy(part as object)).toThrow();
});

test('an older policy language is refused', () => {
  expect(policySchema.safeParse({ Version: '2008-10-17', Statement: [] }).success).toBe(false);
});
