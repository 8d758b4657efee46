import { policyStatements } from '../../../../cli/evidence/policy-statements';

const API = 'arn:aws:execute-api:us-east-1:111122223333:abc/live/POST/v1/providers/openai/*';
const allow = (action: unknown, more: object = {}) => ({ Effect: 'Allow', Action: action, Resource: API, ...more });
const documentOf = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

const DETAILS = {
  UserDetailList: [
    {
      Arn: 'arn:aws:iam::111122223333:user/ann',
      UserPolicyList: [{ PolicyName: 'own', PolicyDocument: { Statement: allow('execute-api:Invoke') } }],
      GroupList: ['operators', 'gone'],
      AttachedManagedPolicies: [],
    },
  ],
  GroupDetailList: [
    {
      GroupName: 'operators',
      GroupPolicyList: [],
      AttachedManagedPolicies: [{ PolicyArn: 'arn:aws:iam::111122223333:policy/audit' }],
    },
  ],
  RoleDetailList: [
    {
      Arn: 'arn:aws:iam::111122223333:role/search',
      RolePolicyList: [
        {
          PolicyName: 'mixed',
          PolicyDocument: documentOf(
            allow('s3:GetObject'),
            allow(['s3:*', 'EXECUTE-API:inv?ke']),
            allow(undefined, { NotAction: ['iam:*'], Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
            allow(undefined, { NotAction: ['execute-api:*'] }),
            { Effect: 'Deny', Action: '*', NotResource: [API] },
          ),
        },
      ],
      AttachedManagedPolicies: [{ PolicyArn: 'arn:aws:iam::aws:policy/not-in-the-details' }],
    },
  ],
  Policies: [
    {
      Arn: 'arn:aws:iam::111122223333:policy/audit',
      PolicyVersionList: [
        { IsDefaultVersion: false, Document: documentOf(allow('execute-api:*')) },
        { IsDefaultVersion: true, Document: documentOf(allow('execute-api:Invoke', { Resource: [API, 'b'] })) },
      ],
    },
  ],
};

test('statements about calls, of users, their groups and roles, with the policy in force', () => {
  const rows = policyStatements(DETAILS) ?? [];
  expect(
    rows.map(({ principal, policy, effect, actions, resources, condition }) => [
      principal,
      policy,
      effect,
      actions,
      resources,
      condition,
    ]),
  ).toEqual([
    ['arn:aws:iam::111122223333:user/ann', 'own', 'Allow', 'execute-api:Invoke', API, null],
    [
      'arn:aws:iam::111122223333:user/ann',
      'group operators: arn:aws:iam::111122223333:policy/audit',
      'Allow',
      'execute-api:Invoke',
      `${API} b`,
      null,
    ],
    ['arn:aws:iam::111122223333:role/search', 'mixed', 'Allow', 's3:* EXECUTE-API:inv?ke', API, null],
    [
      'arn:aws:iam::111122223333:role/search',
      'mixed',
      'Allow',
      'not iam:*',
      API,
      '{"Bool":{"aws:SecureTransport":"true"}}',
    ],
    ['arn:aws:iam::111122223333:role/search', 'mixed', 'Deny', '*', `not ${API}`, null],
  ]);
});

test('those of principals.json, without its access keys', () => {
  const principals = [
    { access_key_id: 'AKIAEXAMPLEEXAMPLE99', user: 'openai-only', policy: documentOf(allow('execute-api:Invoke')) },
  ];
  const rows = policyStatements({ version: 1, principals });
  expect(rows).toEqual([
    {
      principal: 'arn:aws:iam::000000000000:user/openai-only',
      policy: 'principals.json',
      effect: 'Allow',
      actions: 'execute-api:Invoke',
      resources: API,
      condition: null,
    },
  ]);
});

test.each([null, [], {}, { Policies: [] }, { principals: 'x' }, 'text'])('%j is neither', (given) => {
  expect(policyStatements(given)).toBeUndefined();
});
