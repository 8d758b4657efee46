import { gunzipSync } from 'node:zlib';
import { decodeCanonicalBase64 } from '../../../core/crypto/canonical-base64';

/** Far more than a delivery has; what is zipped to less than an invocation's 1 MB could become a thousand times as much. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;

/**
 * Reads the data of a subscription of CloudWatch Logs: base64 of gzip of UTF-8 (CloudWatch Logs User Guide, "Log group-level
 * subscription filters").
 *
 * @returns undefined if it is not of that form, is cut off, or has more than 64 MiB
 */
export function inflateLogData(data: string): string | undefined {
  const zipped = decodeCanonicalBase64(data);
  if (zipped === undefined) return undefined;
  try {
    return gunzipSync(zipped, { maxOutputLength: MAX_TEXT_BYTES }).toString('utf8');
  } catch {
    return undefined;
  }
}
