import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { ROOT } from '../../../compile/root';
import { readDeployment } from '../../../lib/deployment';
import { functionPermissions } from '../../../lib/operations/function-permissions';
import { ResourceNames } from '../../../lib/resource-names';
import { CONFIGURED, HOME } from '../synthesized';

/** docs/vault/aws-credentials-iam.json is what a process outside AWS needs that serves the functions of credentials and tokens. */

const SERVED = ['encrypt', 'decrypt', 'rewrap', 'credentials'] as const;

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Sid?: string;
}

const listOf = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);

/** Every pair of an action and a resource, by effect. */
const pairs = (statements: readonly Statement[]): readonly string[] => [
  ...new Set(
    statements.flatMap(({ Effect, Action, Resource }) =>
      listOf(Action).flatMap((action) => listOf(Resource).map((resource) => `${Effect} ${action} ${resource}`)),
    ),
  ),
];

test('it allows and denies what the functions have, but for Secrets Manager: its secret lets in functions alone', () => {
  const deployment = readDeployment(CONFIGURED);
  const names = new ResourceNames(deployment);
  const wanted = SERVED.flatMap((name) => {
    const statements = [...functionPermissions(name, { deployment, names, region: HOME })];
    return (new PolicyDocument({ statements }).toJSON() as { Statement: Statement[] }).Statement;
  });
  const file = readFileSync(join(ROOT, 'docs/vault/aws-credentials-iam.json'), 'utf8');
  const documented = JSON.parse(file) as { Version: string; Statement: Statement[] };
  expect(documented.Version).toBe('2012-10-17');
  const needed = pairs(wanted).filter((each) => !each.includes(' secretsmanager:'));
  expect([...pairs(documented.Statement)].sort()).toEqual([...needed].sort());
});
