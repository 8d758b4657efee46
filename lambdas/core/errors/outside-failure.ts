import { errorNameOf, failureKindOf, type ErrorName, type FailureKind } from './error-names';
import type { FailureReason } from './failure-reason';

/** An outside call that failed, in bounded words alone: fit for a log, and for whoever decides whether to try again. */
export interface OutsideFailure {
  /** Who was asked, as AWS calls it: `DynamoDB`, `Secrets Manager`, `SQS`, `Lambda`. */
  readonly service: string;
  /** What for, as its API calls it: `PutItem`. */
  readonly operation: string;
  readonly region: string;
  readonly name: ErrorName;
  readonly kind: FailureKind;
  /** What the answer lacked, where one came. */
  readonly reason?: FailureReason;
}

/** Who was asked for what. Each is a literal or configured, never input. */
export type OutsideCall = Pick<OutsideFailure, 'service' | 'operation' | 'region'>;

/** What became of a call that threw. The message and all other members of what was thrown stay behind. */
export const toOutsideFailure = (call: OutsideCall, thrown: unknown): OutsideFailure => ({
  service: call.service,
  operation: call.operation,
  region: call.region,
  name: errorNameOf(thrown),
  kind: failureKindOf(thrown),
});
