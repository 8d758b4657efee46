import { LOCAL_ENVIRONMENT } from '../lambdas/core/contract/environment';
import { INTERVALS_DAYS, MAX_WINDOW_DAYS, MIN_WINDOW_DAYS } from '../lambdas/core/contract/limits';
import { DEFAULT_LOCAL_PORT, LOCAL_HOST, LOCAL_REGION } from '../lambdas/core/contract/local-mode';

/** Every option by its long name: how it is parsed, and what `--help` says of it. */
export const OPTIONS = {
  endpoint: {
    type: 'string',
    shown: '--endpoint URL',
    help: `where Keyward is (${LOCAL_ENVIRONMENT.endpoint}, or http://${LOCAL_HOST}:${DEFAULT_LOCAL_PORT})`,
  },
  profile: { type: 'string', shown: '--profile NAME', help: 'profile of the AWS credentials (AWS_PROFILE)' },
  region: {
    type: 'string',
    shown: '--region NAME',
    help: `region to sign for (AWS_REGION, AWS_DEFAULT_REGION; ${LOCAL_REGION} for this machine)`,
  },
  json: { type: 'boolean', shown: '--json', help: 'print JSON; of a list, one object a line; errors too' },
  help: { type: 'boolean', shown: '--help', help: 'show help, of a command where one is named' },
  version: { type: 'boolean', shown: '--version', help: 'show the version' },
  context: {
    type: 'string',
    multiple: true,
    shown: '--context NAME=VALUE',
    help: 'encryption context, again for each pair; decrypt needs the same',
  },
  metadata: {
    type: 'string',
    multiple: true,
    shown: '--metadata NAME=VALUE',
    help: 'what to keep readable beside the key, again for each pair',
  },
  'if-match': { type: 'string', shown: '--if-match REVISION', help: 'only if this is the stored revision (* for any)' },
  'if-none-match': { type: 'boolean', shown: '--if-none-match', help: 'only if nothing is stored under that name' },
  from: {
    type: 'string',
    shown: '--from TIME',
    help: 'first time, such as 2026-11-21T00:00:00Z (7 days before the end)',
  },
  to: { type: 'string', shown: '--to TIME', help: 'last time (now)' },
  provider: { type: 'string', shown: '--provider NAME', help: 'events of this provider' },
  user: { type: 'string', shown: '--user ARN', help: 'events of this principal' },
  type: { type: 'string', shown: '--type NAME', help: 'events of this type, such as decrypt or unauthorized_access' },
  success: { type: 'string', shown: '--success true|false', help: 'what went well, or what did not' },
  'key-version': { type: 'string', shown: '--key-version N', help: 'events of this version of a key' },
  reason: { type: 'string', shown: '--reason TEXT', help: 'why, for the audit log and the report; no secret' },
  emergency: {
    type: 'boolean',
    shown: '--emergency',
    help: 'the old key has leaked: promote at once, and end its grace; asks first',
  },
  'dry-run': { type: 'boolean', shown: '--dry-run', help: 'count what there is, by version, and try to open it all' },
  'no-wait': { type: 'boolean', shown: '--no-wait', help: 'end once the rotation is started' },
  'idempotency-key': {
    type: 'string',
    shown: '--idempotency-key KEY',
    help: 'the same key again starts nothing new (a fresh one each time)',
  },
  yes: { type: 'boolean', shown: '--yes', help: 'do not ask; where nobody can be asked it is needed' },
  interval: { type: 'string', shown: `--interval ${INTERVALS_DAYS.join('|')}`, help: 'days between two rotations' },
  grace: { type: 'string', shown: '--grace DAYS', help: 'how long tokens under the key before still decrypt' },
  enable: { type: 'boolean', shown: '--enable', help: 'rotate by itself' },
  disable: { type: 'boolean', shown: '--disable', help: 'rotate only when asked to' },
  window: {
    type: 'string',
    shown: '--window DAYS',
    help: `how long it can be cancelled, ${MIN_WINDOW_DAYS} to ${MAX_WINDOW_DAYS}`,
  },
  limit: { type: 'string', shown: '--limit N', help: 'how many at most; with --all, how many a request' },
  all: { type: 'boolean', shown: '--all', help: 'everything, page after page' },
} as const;

export type OptionName = keyof typeof OPTIONS;

export const GLOBAL_OPTIONS: readonly OptionName[] = ['endpoint', 'profile', 'region', 'json', 'help', 'version'];

/** Options as they were given. */
export type OptionValues = {
  readonly [N in OptionName]?: (typeof OPTIONS)[N] extends { multiple: true }
    ? string[]
    : (typeof OPTIONS)[N]['type'] extends 'boolean'
      ? boolean
      : string;
};
