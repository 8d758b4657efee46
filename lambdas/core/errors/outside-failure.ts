import { errorNameOf, failureKindOf, type ErrorName, type FailureKind } from './error-names';
import type { FailureReason } from './failure-reason';

/** A failed outside call, in bounded words alone: fit for a log and for a decision to retry. */
export interface OutsideFailure {
  /** The service, as AWS calls it: `DynamoDB`, `Secrets Manager`, `S3`, `KMS`, `SQS`, `Lambda`. */
  readonly service: string;
  /** The operation, as the service's API calls it: `PutItem`. */
  readonly operation: string;
  readonly region: string;
  readonly name: ErrorName;
  readonly kind: FailureKind;
  /** What was wrong with the answer, if there was one. */
  readonly reason?: FailureReason;
}

/** The service, operation and region of a call. Each is a literal or configured, never input. */
export type OutsideCall = Pick<OutsideFailure, 'service' | 'operation' | 'region'>;

/** Describes a call that threw. The message and the other members of the thrown value are dropped. */
export const toOutsideFailure = (call: OutsideCall, thrown: unknown): OutsideFailure => ({
  service: call.service,
  operation: call.operation,
  region: call.region,
  name: errorNameOf(thrown),
  kind: failureKindOf(thrown),
});
