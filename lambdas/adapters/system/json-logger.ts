import { allowedFields, type LogFields, type Logger } from '../../core/ports/logger';
import type { Clock } from '../../core/ports/clock';

/** One JSON object a line, with the members of {@link LogFields} and no others. */
export function createJsonLogger(deps: { clock: Clock; write: (line: string) => void }): Logger {
  const log =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      const timestamp = new Date(deps.clock.now()).toISOString();
      deps.write(`${JSON.stringify({ level, timestamp, message, ...allowedFields(fields) })}\n`);
    };
  return { info: log('INFO'), warn: log('WARN'), error: log('ERROR') };
}
