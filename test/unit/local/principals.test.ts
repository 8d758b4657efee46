import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import type { AccessKey } from '../../../local/identity/credentials-file';
import { allowsInvoke, invokeArn } from '../../../local/gateway/execute-api-policy';
import { firstPrincipals, parsePrincipals } from '../../../local/identity/principals';

const keys = new Map<string, AccessKey>([
  ['default', { accessKeyId: 'AKIAEXAMPLEEXAMPLE22', secretAccessKey: 'one' }],
  ['openai-only', { accessKeyId: 'AKIAEXAMPLEEXAMPLE33', secretAccessKey: 'two' }],
]);

/** Every call of the API about a provider's rotations. */
const dekRotationRoutes = (provider: string): (readonly [string, string])[] =>
  Object.values(OPERATIONS)
    .filter(
      ({ function: of, path }) => (of === 'rotations' || path.includes('{version}')) && path.includes('{provider}'),
    )
    .map(({ method, path }) => [
      method,
      path.replace('{provider}', provider).replace('{rotation_id}', '0'.repeat(32)).replace('{version}', '1'),
    ]);

describe('the principals of a first start', () => {
  test('are an administrator and one that may only use openai', () => {
    const principals = parsePrincipals(firstPrincipals(keys), keys, 'principals.json');
    const may = (accessKeyId: string, [method, path]: readonly [string, string]): boolean =>
      allowsInvoke(principals.get(accessKeyId)!.principal.policy, invokeArn('us-east-1', method, path));
    const routes = [
      ['GET', '/v1/providers/openai'],
      ['POST', '/v1/providers/openai/encrypt'],
      ['PUT', '/v1/providers/openai/credentials/a'],
      ['PATCH', '/v1/providers/openai/credentials/a'],
      ['DELETE', '/v1/providers/openai/credentials/a'],
      ...dekRotationRoutes('openai'),
    ] as const;
    const others = [
      ['GET', '/v1/providers'],
      ['GET', '/v1/providers/openai-2'],
      ['PATCH', '/v1/providers/google/credentials/a'],
      ['OPTIONS', '/v1/providers/openai/encrypt'],
      ['POST', '/v1/providers/google/encrypt'],
      ['GET', '/v1/audit/events'],
      ['GET', `/v1/audit/events/${'0'.repeat(32)}`],
      ['GET', '/readyz'],
      ...dekRotationRoutes('google'),
    ] as const;
    expect(dekRotationRoutes('openai')).toHaveLength(9);
    for (const route of [...routes, ...others]) expect(may('AKIAEXAMPLEEXAMPLE22', route)).toBe(true);
    for (const route of routes) expect(may('AKIAEXAMPLEEXAMPLE33', route)).toBe(true);
    for (const route of others) expect(may('AKIAEXAMPLEEXAMPLE33', route)).toBe(false);
    expect(principals.get('AKIAEXAMPLEEXAMPLE22')).toMatchObject({
      principal: { user: 'administrator', arn: 'arn:aws:iam::000000000000:user/administrator' },
      secretAccessKey: 'one',
    });
  });
});

describe('a file that is not right is one sentence that names the member and no value', () => {
  const CANARY = 'canary-not-a-real-key';
  const entry = (more: object = {}) => ({
    access_key_id: 'AKIAEXAMPLEEXAMPLE22',
    user: 'tester',
    policy: { Version: '2012-10-17', Statement: [] },
    ...more,
  });
  const statement = (more: object) =>
    entry({ policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', ...more }] } });
  const file = (...principals: unknown[]): string => JSON.stringify({ version: 1, principals });
  const messageFor = (text: string): string => {
    try {
      parsePrincipals(text, keys, 'principals.json');
    } catch (error) {
      expect(error).toMatchObject({ code: 'configuration_invalid' });
      return (error as Error).message;
    }
    return 'none';
  };

  test.each<[string, string, string]>([
    ['not JSON', `{"${CANARY}`, 'is not JSON'],
    ['a member twice', file(entry()).replace('{', `{"version":"${CANARY}",`), 'a member name twice in one object'],
    ['a prototype', file(entry()).replace('{', `{"__proto__":"${CANARY}",`), 'a member named __proto__'],
    ['a half character', file(entry()).replace('{', `{"${CANARY}\\ud800":1,`), 'not well-formed Unicode'],
    [
      'an odd number',
      file(entry()).replace('"version":1', '"version":1.00000000000000000001'),
      'cannot be kept exactly',
    ],
    ['no object', `"${CANARY}"`, 'the document is missing or not valid'],
    ['another version', JSON.stringify({ version: 2, principals: [entry()] }), 'version is missing or not valid'],
    ['nobody', file(), 'principals is missing or not valid'],
    ['a strange user', file(entry({ user: `${CANARY} ` })), 'principals[0].user is missing or not valid'],
    ['a strange id', file(entry({ access_key_id: CANARY })), 'principals[0].access_key_id is missing or not valid'],
    ['no policy', file(entry(), entry({ policy: undefined })), 'principals[1].policy is missing or not valid'],
    [
      'a strange effect',
      file(statement({ Effect: CANARY })),
      'principals[0].policy.Statement[0].Effect is missing or not',
    ],
    [
      'a strange resource',
      file(statement({ Resource: CANARY })),
      'principals[0].policy.Statement[0].Resource is missing',
    ],
    [
      'a condition',
      file(statement({ Condition: {} })),
      'principals[0].policy.Statement[0] has Condition, which local mode',
    ],
    ['another member', file(entry({ [CANARY]: 1 })), 'principals[0] has an unknown member'],
    [
      'an unknown id',
      file(entry({ access_key_id: 'AKIAEXAMPLEEXAMPLE44' })),
      'access_key_id is not in the credentials',
    ],
    ['an id twice', file(entry(), entry()), 'principals[1].access_key_id is there twice'],
  ])('%s', (_, text, sentence) => {
    const message = messageFor(text);
    expect(message).toContain(sentence);
    expect(message).toMatch(/^principals.json is not /);
    expect(message).not.toContain(CANARY);
  });
});
