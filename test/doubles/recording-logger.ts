import { allowedFields, type LogFields, type Logger } from '../../lambdas/core/ports/logger';

interface Line {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields?: LogFields;
}

/** Records every line, as written and as given. */
export class RecordingLogger implements Logger {
  readonly lines: Line[] = [];
  /** Includes the members that are not written. */
  readonly given: Line[] = [];

  info(message: string, fields?: LogFields): void {
    this.keep({ level: 'info', message, ...(fields && { fields }) });
  }
  warn(message: string, fields?: LogFields): void {
    this.keep({ level: 'warn', message, ...(fields && { fields }) });
  }
  error(message: string, fields?: LogFields): void {
    this.keep({ level: 'error', message, ...(fields && { fields }) });
  }

  private keep(line: Line): void {
    this.given.push(line);
    this.lines.push({ ...line, ...(line.fields && { fields: allowedFields(line.fields) }) });
  }
}
