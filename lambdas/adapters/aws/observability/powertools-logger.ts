import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger';
import { allowedFields, type LogFields, type Logger } from '../../../core/ports/logger';

/**
 * One JSON object a line by AWS Lambda Powertools, with the members of {@link LogFields} and those that Powertools adds to every
 * line (level, timestamp, service, X-Ray trace id). Powertools would also log whole events and errors, so it is never given any.
 */
export function createPowertoolsLogger(serviceName: string): Logger {
  const logger = new PowertoolsLogger({ serviceName });
  const log =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void => {
      logger[level](message, { ...allowedFields(fields) });
    };
  return { info: log('info'), warn: log('warn'), error: log('error') };
}
