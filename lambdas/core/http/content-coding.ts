import { GATEWAY_DETAILS } from '../contract/problems';
import { KeywardError } from '../errors/errors';

/** In the reply to content that is encoded: what is taken (RFC 9110 sections 12.5.3 and 15.5.16). */
export const ACCEPTED_CODING = 'identity';

/**
 * Checks that content came as it is: nothing here decodes it. API Gateway may have done so, with `gzip` and `deflate` alone; to
 * others it answers 415 itself (API Gateway Developer Guide, "Payload compression for REST APIs").
 *
 * @param values of `Content-Encoding`; `identity` and empty elements say nothing (RFC 9110 sections 5.6.1 and 8.4.1)
 * @throws KeywardError `unsupported_media_type`
 */
export function checkContentCoding(values: readonly string[]): void {
  const codings = values.flatMap((value) => value.split(',')).map((coding) => coding.trim().toLowerCase());
  if (codings.every((coding) => coding === '' || coding === ACCEPTED_CODING)) return;
  throw new KeywardError('unsupported_media_type', GATEWAY_DETAILS.encoded);
}
