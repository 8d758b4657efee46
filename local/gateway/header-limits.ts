import type { IncomingMessage } from 'node:http';
import { MAX_HEADER_BYTES, MAX_HEADERS } from '../../lambdas/core/contract/limits';
import { GATEWAY_DETAILS } from '../../lambdas/core/contract/problems';
import { invalidRequest, KeywardError } from '../../lambdas/core/errors/errors';

/**
 * Returns the fault of the headers as a whole, before any is used; undefined if there is none. A repeated header counts each
 * time. Valid only if Node leaves no headers out: see `createCallersServer`.
 */
export function headersFault({ method, url, httpVersion, rawHeaders }: IncomingMessage): KeywardError | undefined {
  if (rawHeaders.length > 2 * MAX_HEADERS) return new KeywardError('headers_too_large', GATEWAY_DETAILS.tooManyHeaders);
  // Node represents each byte of a header as one character.
  let bytes = `${method} ${url} HTTP/${httpVersion}`.length;
  let hosts = 0;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    bytes += rawHeaders[index + 1]?.length ?? 0;
    if (rawHeaders[index]?.toLowerCase() === 'host') hosts += 1;
  }
  if (bytes > MAX_HEADER_BYTES) return new KeywardError('headers_too_large', GATEWAY_DETAILS.headersTooLarge);
  // RFC 9112 section 3.2: 400 unless there is exactly one, in versions that have it.
  return hosts > 1 || (hosts === 0 && httpVersion !== '1.0') ? invalidRequest('Host: must be there once') : undefined;
}
