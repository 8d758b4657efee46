import { isUtf8 } from 'node:buffer';
import { invalidRequest } from '../../lambdas/core/errors/errors';
import { checkContentCoding } from '../../lambdas/core/http/content-coding';

/**
 * Returns a body as the text of an event. A content encoding is reported before damaged text.
 *
 * @throws KeywardError `unsupported_media_type`, `invalid_request`
 */
export function bodyText(body: Buffer, contentEncoding = ''): string {
  if (body.length > 0) checkContentCoding([contentEncoding]);
  if (!isUtf8(body)) throw invalidRequest('the body is not UTF-8');
  return body.toString('utf8');
}
