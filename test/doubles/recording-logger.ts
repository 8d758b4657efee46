import type { LogFields, Logger } from '../../lambdas/core/ports/logger';

/** Keeps every line as it was given. */
export class RecordingLogger implements Logger {
  readonly lines: {
    readonly level: 'info' | 'warn' | 'error';
    readonly message: string;
    readonly fields?: LogFields;
  }[] = [];

  info(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'info', message, ...(fields && { fields }) });
  }
  warn(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'warn', message, ...(fields && { fields }) });
  }
  error(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'error', message, ...(fields && { fields }) });
  }
}
