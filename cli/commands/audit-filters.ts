import { AUDITED_OPERATIONS } from '../../lambdas/core/contract/audited-operations';
import { AUDIT_EVENT_TYPES } from '../../lambdas/core/contract/audit-event-types';
import { DEFAULT_PROVIDERS } from '../../lambdas/core/contract/defaults';
import { isKeyShaped } from '../../lambdas/core/contract/key-shaped';
import { HASHED_NAME_PATTERN, MAX_KEY_VERSION } from '../../lambdas/core/contract/names';
import { nameFingerprint } from '../../lambdas/core/crypto/name-fingerprint';
import type { CallPlace } from '../command';
import { usageError } from '../io/cli-error';
import type { ValuesOf } from '../options';
import { readCount } from '../option-values';
import { PARAMETERS } from '../parameters';
import { firstTime, FROM, timeOf } from './from-time';
import { principalOf } from './principal';

/** Options that choose events of the audit log. */
export const AUDIT_FILTERS = {
  ...FROM,
  to: {
    type: 'string',
    shown: '--to TIME',
    help: 'end of the period, as --from; for a whole day give the next date',
    otherwise: 'now',
  },
  provider: {
    type: 'string',
    completions: DEFAULT_PROVIDERS,
    shown: '--provider NAME',
    help: 'events of this provider',
    otherwise: 'all',
  },
  user: {
    type: 'string',
    member: 'user_id',
    shown: '--user ARN',
    help: "events of this principal; for a local server the user's name is enough",
    otherwise: 'all',
  },
  credential: {
    type: 'string',
    shown: '--credential NAME',
    help: 'events about this stored key, and moves of a rotation that may have moved it',
    otherwise: 'all',
  },
  'request-id': { type: 'string', shown: '--request-id ID', help: 'events of this request', otherwise: 'all' },
  operation: {
    type: 'string',
    completions: AUDITED_OPERATIONS,
    shown: '--operation NAME',
    help: 'events of this operation, by its whole name, such as decrypt, put_credential or reveal_credential',
    otherwise: 'all',
  },
  type: {
    type: 'string',
    member: 'event_type',
    completions: AUDIT_EVENT_TYPES,
    shown: '--type NAME',
    help: `events of this type: ${AUDIT_EVENT_TYPES.join(', ')}`,
    otherwise: 'all',
  },
  success: {
    type: 'string',
    choices: ['true', 'false'],
    shown: '--success true|false',
    help: 'events of what succeeded, or of what failed',
    otherwise: 'both',
  },
  'key-version': {
    type: 'string',
    shown: '--key-version N',
    help: 'events of this key version',
    otherwise: 'all',
  },
} as const;

/**
 * The API's query of the given filters.
 *
 * @throws CliError which names the option
 */
export function auditFilters(
  options: ValuesOf<typeof AUDIT_FILTERS>,
  { isLocal, now }: CallPlace,
): Record<string, string> {
  const { provider, user, type, success, credential, operation } = options;
  const named = {
    ...periodOf(options, now),
    provider,
    user_id: user === undefined ? undefined : principalOf('--user', user, isLocal),
    event_type: type,
    success,
    key_version: keyVersionOf(options),
    credential: credential === undefined ? undefined : credentialOf(credential),
    request_id: options['request-id'],
    operation,
  };
  return Object.fromEntries(Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/**
 * The period of `--from`, `--since` and `--to` in the API's form.
 *
 * @throws CliError which names the option
 */
export function periodOf(
  options: { from?: string; since?: string; to?: string },
  now: number,
): { from?: string; to?: string } {
  const from = firstTime(options, now);
  const to = timeOf('--to', options.to, 'rounded up');
  if (from !== undefined && to !== undefined && from > to) {
    const since = '--since: counts back from now, so its start is after --to; use --from';
    throw usageError(options.since === undefined ? '--from: must not be after --to' : since);
  }
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function credentialOf(text: string): string {
  if (PARAMETERS.name.canBe(text) && isKeyShaped(text)) {
    throw usageError(
      `--credential: looks like an API key, which must not be in a URL; if nothing was stored under it, the log has it as ${nameFingerprint(text)}`,
    );
  }
  if (PARAMETERS.name.canBe(text) || HASHED_NAME_PATTERN.test(text)) return text;
  throw usageError(`--credential: must be ${PARAMETERS.name.rule}; or sha256: and 8 hexadecimal digits, as in events`);
}

function keyVersionOf(options: ValuesOf<typeof AUDIT_FILTERS>): string | undefined {
  const text = options['key-version'];
  return text === undefined ? undefined : String(readCount('--key-version', text, { least: 1, most: MAX_KEY_VERSION }));
}
