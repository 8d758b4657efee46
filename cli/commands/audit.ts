import { DEFAULT_PROVIDERS } from '../../lambdas/core/contract/defaults';
import { MAX_AUDIT_PAGE } from '../../lambdas/core/contract/limits';
import { MAX_KEY_VERSION } from '../../lambdas/core/contract/names';
import { command } from '../command';
import type { ValuesOf } from '../options';
import { readCount } from '../option-values';
import { FROM } from './from-time';
import { PAGING, pageSize } from './paging';

const FILTERS = {
  ...FROM,
  to: { type: 'string', shown: '--to TIME', help: 'last time', otherwise: 'now' },
  provider: {
    type: 'string',
    completions: DEFAULT_PROVIDERS,
    shown: '--provider NAME',
    help: 'events of this provider',
    otherwise: 'all',
  },
  user: { type: 'string', shown: '--user ARN', help: 'events of this principal', otherwise: 'all' },
  type: {
    type: 'string',
    shown: '--type NAME',
    help: 'events of this type, such as decrypt or unauthorized_access',
    otherwise: 'all',
  },
  success: {
    type: 'string',
    choices: ['true', 'false'],
    shown: '--success true|false',
    help: 'what went well, or what did not',
    otherwise: 'both',
  },
  'key-version': {
    type: 'string',
    shown: '--key-version N',
    help: 'events of this version of a key',
    otherwise: 'all',
  },
} as const;

/** What is read of the audit log. */
export const AUDIT_COMMANDS = [
  command({
    words: ['audit'],
    summary: 'show who did what, newest first; the last 7 days unless asked otherwise',
    parameters: [],
    required: 0,
    options: { ...FILTERS, ...PAGING },
    call: (_, options) => ({
      method: 'GET',
      path: '/v1/audit/events',
      query: { ...filters(options), ...pageSize(options, MAX_AUDIT_PAGE) },
    }),
    shown: () => ({
      kind: 'list',
      member: 'events',
      columns: ['timestamp', 'event_type', 'provider', 'success', 'user_id', 'ip_address', 'request_id', 'metadata'],
    }),
  }),
];

function filters(options: ValuesOf<typeof FILTERS>): Record<string, string> {
  const { from, to, provider, user, type, success } = options;
  const named = { from, to, provider, user_id: user, event_type: type, success, key_version: keyVersionOf(options) };
  return Object.fromEntries(Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function keyVersionOf(options: ValuesOf<typeof FILTERS>): string | undefined {
  const text = options['key-version'];
  return text === undefined ? undefined : String(readCount('--key-version', text, { least: 1, most: MAX_KEY_VERSION }));
}
