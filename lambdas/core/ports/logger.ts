import { toErrorName, type ErrorName } from '../errors/error-names';

/** The fields that a log line may carry. A closed list of bounded values: no body, token, header or error text. */
export interface LogFields {
  readonly code?: string;
  readonly reason?: string;
  readonly request_id?: string;
  /** Id of an audit event. */
  readonly event_id?: string;
  readonly operation?: string;
  readonly provider?: string;
  readonly region?: string;
  readonly status?: number;
  readonly duration_ms?: number;
  readonly error_name?: ErrorName;
  /** How many events one line stands for. */
  readonly count?: number;
  /** How far the caller's clock is ahead of this one; negative if it is behind. */
  readonly clock_skew_seconds?: number;
  /** A place in the local audit journal: the name of a segment, an offset in it and a length, in bytes. */
  readonly segment?: string;
  readonly offset?: number;
  readonly bytes?: number;
}

/** The same list at run time: a type does not keep a wider object out. */
const LOG_FIELDS: Readonly<Record<keyof LogFields, true>> = {
  code: true,
  reason: true,
  request_id: true,
  event_id: true,
  operation: true,
  provider: true,
  region: true,
  status: true,
  duration_ms: true,
  error_name: true,
  count: true,
  clock_skew_seconds: true,
  segment: true,
  offset: true,
  bytes: true,
};

/** Cuts fields to the members of {@link LogFields}, and names of errors to the allow-list. */
export function allowedFields(fields: LogFields): LogFields {
  const allowed: Record<string, unknown> = {};
  for (const name of Object.keys(fields) as (keyof LogFields)[]) {
    if (Object.hasOwn(LOG_FIELDS, name))
      allowed[name] = name === 'error_name' ? toErrorName(fields[name]) : fields[name];
  }
  return allowed;
}

export interface Logger {
  /** `message` is a literal. Members that are not in {@link LogFields} are dropped. Never throws. */
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
