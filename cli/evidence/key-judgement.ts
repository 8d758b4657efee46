import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { DAY_MS } from '../../lambdas/core/contract/time-units';
import type { JsonObject } from '../client/json-object';

/** How a key stands against its policy. */
export interface KeyJudgement {
  readonly key: string;
  readonly in_use_since: string | null;
  readonly age_days: number | null;
  readonly interval_days: number | null;
  readonly next_rotation_at: string | null;
  readonly grace_period_days: number | null;
  readonly verdict: 'within policy' | 'overdue' | 'not scheduled' | 'not known';
}

/**
 * Judges a provider's DEK by the rotation policy of its keyset.
 *
 * @param now milliseconds since 1970
 */
export function judgeDek(
  { provider, primary_version: primary, versions, rotation_policy }: JsonObject,
  now: number,
): KeyJudgement {
  const policy = isRecord(rotation_policy) ? rotation_policy : {};
  const list = Array.isArray(versions) ? (versions as unknown[]).filter(isRecord) : [];
  const { created_at: created } = list.find(({ version }) => version === primary) ?? {};
  const next = textOf(policy['next_rotation_at']);
  const isLate = next === null || Date.parse(next) < now;
  return {
    key: `DEK of ${String(provider)}`,
    ...ageOf(textOf(created), now),
    interval_days: numberOf(policy['interval_days']),
    next_rotation_at: next,
    grace_period_days: numberOf(policy['grace_period_days']),
    verdict: policy['enabled'] !== true ? 'not scheduled' : isLate ? 'overdue' : 'within policy',
  };
}

/** Judges the KEK by the interval that the service is configured with. */
export function judgeKek(kek: JsonObject | undefined, now: number): KeyJudgement {
  const next = textOf(kek?.['next_rotation_at']);
  return {
    key: 'KEK',
    ...ageOf(textOf(kek?.['created_at']), now),
    interval_days: numberOf(kek?.['interval_days']),
    next_rotation_at: next,
    grace_period_days: null,
    verdict: next === null ? 'not known' : Date.parse(next) < now ? 'overdue' : 'within policy',
  };
}

const ageOf = (since: string | null, now: number): Pick<KeyJudgement, 'in_use_since' | 'age_days'> => ({
  in_use_since: since,
  age_days: since === null ? null : Math.floor((now - Date.parse(since)) / DAY_MS),
});

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
