import * as z from 'zod/mini';
import { API_SERVICE, INVOKE_ACTION } from '../../lambdas/core/contract/execute-api';
import { LOCAL_ACCOUNT_ID } from '../../lambdas/core/contract/local-mode';
import { matchesWildcard } from './wildcard';

/** Longer patterns would only slow matching down. */
const pattern = z.string().check(z.minLength(1), z.maxLength(512));
/** IAM would replace a policy variable `${…}`; here it would silently match nothing. */
const resource = pattern.check(z.refine((text) => /^(\*|arn:.*)$/s.test(text) && !text.includes('${')));
const oneOrMore = <T extends z.core.$ZodType<string>>(item: T) =>
  z.union([item, z.array(item).check(z.minLength(1), z.maxLength(100))]);

/**
 * An identity policy of IAM, as far as local mode evaluates it. Other elements (`NotAction`, `NotResource`, `Condition`,
 * `Principal`) are refused, because ignoring a restriction grants too much.
 */
export const policySchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z
    .array(
      z.strictObject({
        Sid: z.optional(z.string()),
        Effect: z.enum(['Allow', 'Deny']),
        Action: oneOrMore(pattern),
        Resource: oneOrMore(resource),
      }),
    )
    .check(z.maxLength(100)),
});

export type Policy = z.infer<typeof policySchema>;

/**
 * Returns the resource of a request: `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>` (API Gateway
 * Developer Guide, "Control access for invoking an API"). `path` begins with a slash, which the ARN leaves out.
 */
export const invokeArn = (region: string, method: string, path: string): string =>
  `arn:aws:${API_SERVICE}:${region}:${LOCAL_ACCOUNT_ID}:local/local/${method}${path}`;

/**
 * Whether the policy allows its holder to invoke `arn`: denied by default, allowed by an Allow, and a Deny overrides every Allow
 * (IAM User Guide, "Policy evaluation logic"). Actions compare without regard to case (IAM User Guide, "IAM JSON policy elements:
 * Action"), resources exactly ("… Resource"); a `*` in a resource also matches slashes.
 */
export function allowsInvoke(policy: Policy, arn: string): boolean {
  let allowed = false;
  for (const { Effect, Action, Resource } of policy.Statement) {
    if (!some(Action, matchesAction) || !some(Resource, (text) => matchesWildcard(text, arn))) continue;
    if (Effect === 'Deny') return false;
    allowed = true;
  }
  return allowed;
}

const matchesAction = (text: string): boolean => matchesWildcard(text.toLowerCase(), INVOKE_ACTION.toLowerCase());

const some = (value: string | readonly string[], matches: (text: string) => boolean): boolean =>
  typeof value === 'string' ? matches(value) : value.some(matches);
