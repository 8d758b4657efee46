import type { AuditMetadata } from '../audit/audit-event';
import type { GivenRecord } from '../audit/audit-record';
import type { ErrorCode } from '../contract/problems';
import type { CountedRefusals } from './refusal-counter';

/** A refused request, in values that are checked or our own: any other value from the caller may contain a key. */
export interface Refusal {
  readonly requestId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly reason: string;
  /** Error code of the reply. */
  readonly code: ErrorCode;
  /** Method and route template, if the route is known. */
  readonly operation: string | undefined;
  /** The provider, if it is configured. */
  readonly provider: string | null;
  /** Key version of the path, if it is well formed. */
  readonly keyVersion: number | null;
  readonly credential?: string;
  readonly rotationId?: string;
}

/** Who was refused, and what the event says of it beside the refusal. */
export interface RefusedCaller {
  /** ARN of the verified principal; null if nobody was verified. */
  readonly userId: string | null;
  readonly message: string;
  readonly metadata?: Partial<AuditMetadata>;
}

export const ACCESS_DENIED = 'access denied';
/** The address under which refusals without one are counted. */
export const SHARED_ADDRESS = 'unknown';

/** The event `unauthorized_access` of a refusal: on AWS that of the gateway, in local mode its own. */
export const refusalEvent = (
  region: string,
  refusal: Refusal,
  { userId, message, metadata }: RefusedCaller,
): GivenRecord => ({
  event_type: 'unauthorized_access',
  provider: refusal.provider,
  user_id: userId,
  ip_address: refusal.address,
  user_agent: refusal.userAgent,
  success: false,
  error_message: message,
  region,
  request_id: refusal.requestId,
  key_version: refusal.keyVersion,
  metadata: {
    code: refusal.code,
    reason: refusal.reason,
    ...(refusal.operation === undefined ? {} : { operation: refusal.operation }),
    ...(refusal.credential === undefined ? {} : { credential: refusal.credential }),
    ...(refusal.rotationId === undefined ? {} : { rotation_id: refusal.rotationId }),
    ...metadata,
  },
});

/** The one event that stands for refusals without events of their own. */
export function countedRefusalsEvent(
  region: string,
  requestId: string,
  { address, count, firstAt, lastAt }: CountedRefusals,
): GivenRecord {
  const refusal: Refusal = {
    requestId,
    address: address === SHARED_ADDRESS ? null : address,
    userAgent: null,
    reason: 'refusals_counted',
    code: 'access_denied',
    operation: undefined,
    provider: null,
    keyVersion: null,
  };
  const metadata = { count, first_at: isoTime(firstAt), last_at: isoTime(lastAt) };
  return refusalEvent(region, refusal, { userId: null, message: ACCESS_DENIED, metadata });
}

const isoTime = (time: number): string => new Date(time).toISOString();
