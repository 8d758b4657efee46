import { logNotFound } from './log-of';
import type { EventLines } from './ports/event-lines';
import type { LogPublisher } from './ports/log-publisher';
import type { Logs } from './ports/published-log';

/** What the calls about published logs need of the outside. */
export interface LogPorts {
  readonly logs: Logs;
  readonly publisher: LogPublisher;
  readonly lines: EventLines;
}

/** Of a deployment that publishes no log: each call says so. */
export const NO_LOGS: LogPorts = {
  logs: { regions: [], of: () => undefined, archiveDays: undefined, eventDays: undefined },
  publisher: { publish: () => Promise.reject(logNotFound()) },
  lines: { lineOf: () => Promise.resolve(undefined) },
};
