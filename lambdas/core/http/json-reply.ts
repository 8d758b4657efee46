import type { APIGatewayProxyResult } from 'aws-lambda';

/**
 * A reply with a JSON body, or with none where `body` is undefined. No reply of this API is ever cached: some carry
 * plaintext, and the others are only true for a moment.
 *
 * @param headers names in lower case; they win over the standing ones
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
