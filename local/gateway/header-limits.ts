import type { IncomingMessage } from 'node:http';
import { MAX_HEADER_BYTES, MAX_HEADERS } from '../../lambdas/core/contract/limits';
import { GATEWAY_DETAILS } from '../../lambdas/core/contract/problems';

/**
 * What is wrong with the headers' number and size, in a sentence for the caller; undefined where nothing is. A header that occurs
 * several times counts each time. Holds only where Node leaves none out: see `createCallersServer`.
 */
export function headersFault({ method, url, httpVersion, rawHeaders }: IncomingMessage): string | undefined {
  if (rawHeaders.length > 2 * MAX_HEADERS) return GATEWAY_DETAILS.tooManyHeaders;
  // Node gives each byte of a header as one character.
  let bytes = `${method} ${url} HTTP/${httpVersion}`.length;
  for (let index = 1; index < rawHeaders.length; index += 2) bytes += rawHeaders[index]?.length ?? 0;
  return bytes > MAX_HEADER_BYTES ? GATEWAY_DETAILS.headersTooLarge : undefined;
}
