import { GATEWAY_DETAILS } from '../contract/problems';
import { KeywardError } from '../errors/errors';

/** The accepted content coding, for the reply to encoded content (RFC 9110 sections 12.5.3 and 15.5.16). */
export const ACCEPTED_CODING = 'identity';

/**
 * Checks that content is not encoded: Keyward decodes nothing. API Gateway may have decoded `gzip` and `deflate`; to other
 * codings it answers 415 itself (API Gateway Developer Guide, "Payload compression for REST APIs").
 *
 * @param values of `Content-Encoding`; `identity` and empty elements are ignored (RFC 9110 sections 5.6.1 and 8.4.1)
 * @throws KeywardError `unsupported_media_type`
 */
export function checkContentCoding(values: readonly string[]): void {
  if (values.length === 0) return;
  const codings = values.flatMap((value) => value.split(',')).map((coding) => coding.trim().toLowerCase());
  if (codings.every((coding) => coding === '' || coding === ACCEPTED_CODING)) return;
  throw new KeywardError('unsupported_media_type', GATEWAY_DETAILS.encoded);
}
