import { IDEMPOTENCY_KEY_PATTERN, IDEMPOTENCY_KEY_RULE } from '../contract/idempotency-key';
import { invalidRequest } from '../errors/errors';
import { headerValues, type ProxyEvent } from './proxy-event';
import type { Operation } from './operation';

/**
 * Reads `Idempotency-Key`, which identifies a repeated call, if the operation takes it.
 *
 * @returns undefined if the caller sends none
 * @throws KeywardError `invalid_request`
 */
export function readIdempotencyKey(event: ProxyEvent, operation: Pick<Operation, 'idempotent'>): string | undefined {
  if (!operation.idempotent) return undefined;
  const [key, ...more] = headerValues(event, 'idempotency-key');
  if (key === undefined) return undefined;
  if (more.length > 0) throw invalidRequest('Idempotency-Key: must occur at most once');
  if (!IDEMPOTENCY_KEY_PATTERN.test(key)) throw invalidRequest(`Idempotency-Key: ${IDEMPOTENCY_KEY_RULE}`);
  return key;
}
