import * as z from 'zod/mini';
import { LONGEST_INTERVAL_DAYS } from '../../lambdas/core/contract/limits';
import { CliError, EXIT, usageError } from '../io/cli-error';
import { readCount } from '../option-values';
import { sendWithRetry } from '../client/send-with-retry';
import type { Session } from '../session';
import type { JsonObject } from '../client/json-object';

/** Options of `policy set`, as they were given. */
interface PolicyOptions {
  /** One of the option's choices. */
  readonly interval?: string;
  readonly grace?: string;
  readonly enable?: boolean;
  readonly disable?: boolean;
}

const reply = z.object({
  rotation_policy: z.looseObject({ enabled: z.boolean(), interval_days: z.number(), grace_period_days: z.number() }),
});

const policyOf = (text: JsonObject) => {
  const { data } = reply.safeParse(text);
  if (data === undefined) {
    throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply does not seem to be a rotation policy');
  }
  return data.rotation_policy;
};

/** A provider's policy in rows of a name and a value, for a person. */
export const policyRows = (text: JsonObject): readonly (readonly [string, unknown])[] => [
  ['provider', text['provider']],
  ...Object.entries(policyOf(text)),
];

/**
 * `policy set`: changes only the given members, and shows the policy before and after. Two concurrent changes may undo each
 * other, because the service takes a whole policy.
 */
export async function setPolicy(
  session: Session,
  [provider = '']: readonly string[],
  options: PolicyOptions,
): Promise<void> {
  const change = changeOf(options);
  const path = `/v1/providers/${provider}/rotation-policy`;
  const before = policyOf(await sendWithRetry(session, { method: 'GET', path }));
  const { enabled, interval_days, grace_period_days } = before;
  const body = { enabled, interval_days, grace_period_days, ...change };
  const after = policyOf(await sendWithRetry(session, { method: 'PUT', path, body }));
  session.print({ provider, before, after }, { kind: 'object', rows: () => beforeAndAfter(before, after) });
}

function changeOf(options: PolicyOptions): JsonObject {
  const { interval, grace, enable, disable } = options;
  if (enable === true && disable === true)
    throw usageError('policy set: only one of --enable and --disable may be given');
  const change = {
    ...(interval !== undefined && {
      interval_days: Number(interval),
    }),
    ...(grace !== undefined && {
      grace_period_days: readCount('--grace', grace, { least: 0, most: LONGEST_INTERVAL_DAYS }),
    }),
    ...(enable === true && { enabled: true }),
    ...(disable === true && { enabled: false }),
  };
  if (Object.keys(change).length === 0) {
    throw usageError('policy set: nothing to change: give --interval, --grace, --enable or --disable');
  }
  return change;
}

function beforeAndAfter(before: JsonObject, after: JsonObject): readonly (readonly [string, unknown])[] {
  return Object.entries(after).map(([name, value]) => {
    const old = before[name];
    return [name, old === value ? value : `${textOf(old)} -> ${textOf(value)}`];
  });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
