import type { LogFields, Logger } from '../../core/ports/logger';
import type { Clock } from '../../core/ports/clock';

/** The allow-list at run time: types do not stop a wider object from being passed. */
const FIELDS: Readonly<Record<keyof LogFields, true>> = {
  code: true,
  reason: true,
  request_id: true,
  operation: true,
  provider: true,
  region: true,
  status: true,
  duration_ms: true,
  error_name: true,
};

/** One JSON object a line, with the members of {@link LogFields} and no others. */
export function createJsonLogger(on: { clock: Clock; write: (line: string) => void }): Logger {
  const log =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      const allowed = Object.entries(fields).filter(([name]) => Object.hasOwn(FIELDS, name));
      const timestamp = new Date(on.clock.now()).toISOString();
      on.write(`${JSON.stringify({ level, timestamp, message, ...Object.fromEntries(allowed) })}\n`);
    };
  return { info: log('INFO'), warn: log('WARN'), error: log('ERROR') };
}
