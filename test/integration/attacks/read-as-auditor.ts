import type { composeAudit } from '../../../lambdas/core/runtime/compose-api';
import { apiLogFiles } from '../../../cli/client/api-log-files';
import { shownEvents } from '../../../cli/verify/shown-events';
import { CliStage } from '../../doubles/cli-stage';
import { serveCalls } from '../../unit/cli/serve-call';
import { RecordingLogger } from '../../doubles/recording-logger';
import { handlersOf } from '../../unit/http/test-api';
import type { Event } from '../../unit/transparency/audit-world';
import type { Ground } from '../../unit/transparency/attacked-log';
import { HOUR_MS, REGION, START } from '../../unit/transparency/publisher-world';

/** The oldest event that an attack makes is from three days before the first one; the newest, from less than an hour after it is made. */
const FIRST_EVENT = START - 96 * HOUR_MS;

/** What is read is a read event itself: these are from after all that an attack makes. */
export const READ_AT = START + 1_440 * HOUR_MS;

export const PROVIDERS = ['openai', 'anthropic'] as const;

type Application = Awaited<ReturnType<Parameters<typeof handlersOf>[0]>>['application'];
/** What the function `audit` needs. */
type AuditApplication = ReturnType<typeof composeAudit>;

/** Reads log and events as `keyward audit verify` does, by calls of the API. */
export function readAsAuditor(application: AuditApplication, now: number): ReturnType<Ground['read']> {
  const handlers = handlersOf(async () => ({
    application: application as unknown as Application,
    providers: PROVIDERS,
    clock: { now: () => READ_AT, sleep: () => Promise.resolve() },
    logger: new RecordingLogger(),
  }));
  const { session } = new CliStage(serveCalls(handlers));
  const period = { from: new Date(FIRST_EVENT).toISOString(), to: new Date(now + HOUR_MS).toISOString() };
  return {
    files: apiLogFiles(session, REGION),
    events: shownEvents(session, period) as AsyncIterable<Event>,
  };
}
