import type { APIGatewayProxyResult } from 'aws-lambda';

/**
 * A reply with a JSON body, or without a body if `body` is undefined. No reply may be cached: some carry plaintext, the others
 * soon become stale.
 *
 * @param headers names in lower case; they replace the default headers
 */
export const jsonReply = (
  status: number,
  body: unknown,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyResult => ({
  statusCode: status,
  headers: {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...headers,
  },
  body: body === undefined ? '' : JSON.stringify(body),
  isBase64Encoded: false,
});
