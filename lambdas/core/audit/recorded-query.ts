import { AUDITED_OPERATIONS, AUDITED_PARTS } from '../contract/audited-operations';
import { isKeyShaped } from '../contract/key-shaped';
import { ANY_SESSION } from '../contract/names';
import { holdsKey } from '../contract/reason';
import { canonicalJson } from '../crypto/canonical-json';
import { nameFingerprint } from '../crypto/name-fingerprint';
import type { AuditMetadata } from './audit-event';
import type { AuditQuery } from './ports/audit-log';

/** Room for the longest ARN of a session. */
const ARN = /^arn:[\x21-\x7e]{1,700}$/;
const PARTS: readonly string[] = AUDITED_PARTS.map((part) => `keyward:${part}`);
/** Those of API Gateway and Lambda, and those of local mode. */
const REQUEST_ID = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})$/;
const OPERATIONS: readonly string[] = AUDITED_OPERATIONS;
/** The operation of a call that the gateway refused. */
const ROUTE = /^[A-Z]{3,7} \/[a-z0-9/{}_-]{0,100}$/;

/**
 * The period and the filters of a query as metadata of its own event. A text that no event has, or that looks like an API key, may
 * have been given by mistake: only its fingerprint is recorded.
 */
export function recordedQuery(
  query: AuditQuery,
): Pick<AuditMetadata, 'read_from' | 'read_to' | 'read_before' | 'filters'> {
  const { from, to, limit: _, before, credential_fingerprint: __, user_prefix: prefix, ...filters } = query;
  const { user_id: given, credential, request_id: request, operation } = filters;
  const user = prefix === undefined ? given : `${prefix}${ANY_SESSION.slice(1)}`;
  const recorded = {
    ...filters,
    ...(user !== undefined && { user_id: shown(user, (ARN.test(user) && !holdsKey(user)) || PARTS.includes(user)) }),
    ...(credential !== undefined && { credential: shown(credential, !isKeyShaped(credential)) }),
    ...(request !== undefined && { request_id: shown(request, REQUEST_ID.test(request)) }),
    ...(operation !== undefined && {
      operation: shown(operation, OPERATIONS.includes(operation) || (ROUTE.test(operation) && !holdsKey(operation))),
    }),
  };
  return {
    read_from: from,
    read_to: to,
    ...(before !== undefined && { read_before: before.timestamp }),
    ...(Object.keys(recorded).length > 0 && { filters: canonicalJson(recorded) }),
  };
}

const shown = (text: string, isSafe: boolean): string => (isSafe ? text : nameFingerprint(text));
