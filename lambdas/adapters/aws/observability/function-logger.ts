import { allowedFields, type LogFields, type Logger } from '../../../core/ports/logger';
import type { Clock } from '../../../core/ports/clock';

/**
 * A function's log: one JSON object a line, with level, message, timestamp, service, the X-Ray trace id where Lambda names one, and
 * the members of {@link LogFields}. Writes to stdout and not by `console`, to whose lines Lambda adds a prefix.
 */
export function createFunctionLogger(service: string, clock: Clock): Logger {
  const log =
    (level: 'INFO' | 'WARN' | 'ERROR') =>
    (message: string, fields: LogFields = {}): void => {
      const timestamp = new Date(clock.now()).toISOString();
      const line = { level, message, timestamp, service, ...traceId(), ...allowedFields(fields) };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    };
  return { info: log('INFO'), warn: log('WARN'), error: log('ERROR') };
}

/** `Root=1-…;Parent=…` of the current invocation (Lambda Developer Guide, "Defined runtime environment variables"). */
function traceId(): { xray_trace_id?: string } {
  const [, id] = /(?:^|;)Root=([^;]+)/.exec(process.env['_X_AMZN_TRACE_ID'] ?? '') ?? [];
  return id === undefined ? {} : { xray_trace_id: id };
}
