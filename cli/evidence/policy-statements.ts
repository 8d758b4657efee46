import { INVOKE_ACTION } from '../../lambdas/core/contract/execute-api';
import { LOCAL_ACCOUNT_ID } from '../../lambdas/core/contract/local-mode';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { JsonObject } from '../client/json-object';

/** One statement of a policy that may allow or deny a call of an API, and whose it is. */
export interface PolicyRow extends JsonObject {
  readonly principal: string;
  readonly policy: string;
  readonly effect: string;
  readonly actions: string;
  readonly resources: string;
  /** As JSON; null without one. */
  readonly condition: string | null;
}

/**
 * The statements of principals that may allow or deny a call, of `principals.json` or of what `aws iam get-account-authorization-details`
 * prints. Statements about other actions are left out; nothing is evaluated.
 *
 * @returns undefined if it is neither of the two
 */
export function policyStatements(given: unknown): readonly PolicyRow[] | undefined {
  if (!isRecord(given)) return undefined;
  const {
    principals,
    UserDetailList: users,
    GroupDetailList: groups,
    RoleDetailList: roles,
    Policies: managed,
  } = given;
  if (Array.isArray(principals)) return recordsIn(principals).flatMap(localRows);
  if (![users, groups, roles, managed].every(Array.isArray)) return undefined;
  const documents = new Map(recordsIn(managed).map((policy) => [policy['Arn'], defaultDocument(policy)]));
  const attached = (detail: JsonObject): readonly JsonObject[] => recordsIn(detail['AttachedManagedPolicies']);
  const own = (principal: string, through: string, detail: JsonObject, list: string): readonly PolicyRow[] => [
    ...recordsIn(detail[list]).flatMap(({ PolicyName: name, PolicyDocument: document }) =>
      rowsOf(principal, `${through}${textOf(name)}`, document),
    ),
    ...attached(detail).flatMap(({ PolicyArn: arn }) =>
      rowsOf(principal, `${through}${textOf(arn)}`, documents.get(arn)),
    ),
  ];
  const byName = new Map(recordsIn(groups).map((group) => [group['GroupName'], group]));
  return [
    ...recordsIn(users).flatMap((user) => [
      ...own(textOf(user['Arn']), '', user, 'UserPolicyList'),
      ...listOf(user['GroupList']).flatMap((name) =>
        own(textOf(user['Arn']), `group ${textOf(name)}: `, byName.get(name) ?? {}, 'GroupPolicyList'),
      ),
    ]),
    ...recordsIn(roles).flatMap((role) => own(textOf(role['Arn']), '', role, 'RolePolicyList')),
  ];
}

function localRows({ user, policy }: JsonObject): readonly PolicyRow[] {
  return rowsOf(`arn:aws:iam::${LOCAL_ACCOUNT_ID}:user/${textOf(user)}`, 'principals.json', policy);
}

function rowsOf(principal: string, policy: string, document: unknown): readonly PolicyRow[] {
  const statements = isRecord(document) ? listOf(document['Statement']).filter(isRecord) : [];
  return statements.filter(isAboutCalls).map(({ Effect, Action, NotAction, Resource, NotResource, Condition }) => ({
    principal,
    policy,
    effect: textOf(Effect),
    actions: told(Action, NotAction),
    resources: told(Resource, NotResource),
    condition: Condition === undefined ? null : JSON.stringify(Condition),
  }));
}

/** Actions have no case, `*` stands for any characters and `?` for one (IAM User Guide, "IAM JSON policy elements: Action"). */
function isAboutCalls({ Action: action, NotAction: others }: JsonObject): boolean {
  if (others !== undefined) return !listOf(others).some(matchesInvoke);
  return listOf(action).some(matchesInvoke);
}

function matchesInvoke(pattern: unknown): boolean {
  if (typeof pattern !== 'string') return false;
  const escaped = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 'i').test(INVOKE_ACTION);
}

const told = (value: unknown, not: unknown): string =>
  not === undefined ? listOf(value).map(textOf).join(' ') : `not ${listOf(not).map(textOf).join(' ')}`;

function defaultDocument({ PolicyVersionList: versions }: JsonObject): unknown {
  return recordsIn(versions).find(({ IsDefaultVersion: isDefault }) => isDefault === true)?.['Document'];
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
const recordsIn = (value: unknown): readonly JsonObject[] => listOf(value).filter(isRecord);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '–');
