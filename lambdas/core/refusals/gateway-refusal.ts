import { NO_VALUE } from '../contract/access-log-format';
import { GATEWAY_DETAILS, type ErrorCode } from '../contract/problems';
import { ASKED_BY_MONITORS } from '../contract/asked-by-monitors';
import { keptUserAgent } from '../contract/user-agent';
import { timedIdOf } from '../crypto/timed-id';
import type { AccessLogLine } from './access-log-line';
import { ACCESS_DENIED, SHARED_ADDRESS, type Refusal, type RefusedCaller } from './refusal-event';

/** A request that the gateway refused before any function. */
export interface GatewayRefusal {
  /** Id of its event: its time, then SHA-256 of `refusal` and the request's id. */
  readonly id: string;
  /** Time of the request, milliseconds since 1970. */
  readonly at: number;
  /** API Gateway's own id of the request. No two requests have the same. */
  readonly uniqueId: string;
  /** Under which a flood is counted; undefined: a verified caller's refusal, which always has its event. */
  readonly countedAs: string | undefined;
  readonly refusal: Refusal;
  readonly caller: RefusedCaller;
}

/**
 * What a line says of a request, if it is no refusal: that a function answered it, that nothing is there to be refused, that a monitor
 * asked, or nothing that can be used.
 */
export type NoRefusal = 'answered' | 'monitor' | 'unrouted' | 'malformed';

const REFUSED_STATUSES: Readonly<Record<string, ErrorCode>> = { 403: 'access_denied', 429: 'throttled' };
const UNSIGNED = 'MISSING_AUTHENTICATION_TOKEN';
const NOT_ALLOWED = 'ACCESS_DENIED';

/** The reason by API Gateway's type of error ("Gateway response types"). Local mode has the same of the first two. */
const REASONS: Readonly<Record<string, string>> = {
  [UNSIGNED]: 'signature_missing',
  [NOT_ALLOWED]: 'policy_denied',
  // Local mode says what is wrong with it; here only the gateway's message does, a text that can quote the request.
  INVALID_SIGNATURE: 'signature_invalid',
  UNAUTHORIZED: 'signature_invalid',
  EXPIRED_TOKEN: 'credentials_expired',
  WAF_FILTERED: 'firewall_blocked',
  THROTTLED: 'throttled',
};
const OTHER_REASON = 'gateway_refused';

const EXTENDED_ID = /^[A-Za-z0-9_=+/-]{1,128}$/;
/** To the year 5138: an id has room for 12 hexadecimal digits. */
const MILLISECONDS = /^[0-9]{1,14}$/;
const ADDRESS = /^[0-9A-Fa-f.:]{2,45}$/;
const PRINCIPAL = /^arn:aws[a-z-]*:(?:iam|sts)::[0-9]{12}:[\x21-\x7e]{1,1024}$/;
const METHOD = /^[A-Z]{1,16}$/;
/** A template of one of our own paths, from below the root, which has no method. */
const RESOURCE = /^\/[A-Za-z0-9_.{}/-]{1,255}$/;

/**
 * Judges a line of the access log as local mode judges the request (local/gateway/gateway): what it leaves no event of has none here.
 * Where the gateway does not say enough to tell, there is none: an unsigned request without a route and a signed one are the same to
 * it, and local mode answers the latter 404.
 */
export function gatewayRefusal({ made, requestId, userAgent }: AccessLogLine): GatewayRefusal | NoRefusal {
  const code = Object.hasOwn(REFUSED_STATUSES, made.status) ? REFUSED_STATUSES[made.status] : undefined;
  if (code === undefined || made.integration_status !== NO_VALUE) return 'answered';
  const isRouted = RESOURCE.test(made.resource) && METHOD.test(made.method);
  if (made.error_response_type === UNSIGNED) {
    if (!isRouted) return 'unrouted';
    if (made.resource === ASKED_BY_MONITORS && ['GET', 'HEAD'].includes(made.method)) return 'monitor';
  }
  const usedId = requestId ?? made.extended_request_id;
  if (!MILLISECONDS.test(made.time_ms) || !EXTENDED_ID.test(made.extended_request_id)) return 'malformed';
  const at = Number(made.time_ms);
  const userId = PRINCIPAL.test(made.user_arn) ? made.user_arn : null;
  const address = ADDRESS.test(made.source_ip) ? made.source_ip : null;
  const isVerified = userId !== null && made.error_response_type === NOT_ALLOWED;
  return {
    id: timedIdOf(at, `refusal${usedId}`),
    at,
    uniqueId: made.extended_request_id,
    countedAs: isVerified ? undefined : (address ?? SHARED_ADDRESS),
    refusal: {
      requestId: usedId,
      address,
      userAgent: userAgent === NO_VALUE ? null : keptUserAgent(userAgent),
      reason: reasonOf(made.error_response_type),
      code,
      operation: isRouted ? `${made.method} ${made.resource}` : undefined,
      // They stand in the path, which the access log leaves out.
      provider: null,
      keyVersion: null,
    },
    caller: { userId, message: code === 'throttled' ? GATEWAY_DETAILS.throttled : ACCESS_DENIED },
  };
}

const reasonOf = (type: string): string => (Object.hasOwn(REASONS, type) ? REASONS[type] : undefined) ?? OTHER_REASON;
