import { hash } from 'node:crypto';
import type { AuditTrail } from '../audit/audit-trail';
import { recordedRead } from '../audit/recorded-read';
import { MAX_LOG_PART_BYTES } from '../contract/limits';
import { canonicalJson } from '../crypto/canonical-json';
import { invalidRequest, KeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import { logOf } from './log-of';
import type { Logs } from './ports/published-log';

/** A part of a stored object. */
export interface LogPart {
  readonly region: string;
  readonly path: string;
  /** Size of the whole object in bytes, and its SHA-256: parts with another one are of another object. */
  readonly size: number;
  readonly sha256: string;
  readonly offset: number;
  readonly bytes: Buffer;
  /** Where the next part begins; left out: this is the last. */
  readonly nextOffset?: number;
}

/** What is read of a log is no event, whichever number of them it holds. */
export const NO_EVENTS = 0;

export const NO_OBJECT = 'the log has no object at this path, or not yet';

/**
 * Returns a part of an object of a log.
 *
 * @param asked its path is one of the layout (`isLogPath`); its region is by default that of this process
 * @throws KeywardError `log_not_found`, `log_object_not_found`, `invalid_request` if the offset is beyond the object's end,
 *   `store_unavailable`, `audit_unavailable`
 */
export const createReadLogObject =
  ({ logs, trail, region: here }: { readonly logs: Logs; readonly trail: AuditTrail; readonly region: string }) =>
  (
    caller: Caller,
    { region = here, path, offset }: { readonly region?: string; readonly path: string; readonly offset: number },
  ): Promise<LogPart> =>
    recordedRead(
      trail,
      caller,
      { operation: 'read_log', filters: canonicalJson({ offset, path, region }) },
      {
        read: async () => {
          const bytes = await logOf(logs, region).files.read(path);
          if (bytes === undefined) throw new KeywardError('log_object_not_found', NO_OBJECT);
          if (offset > bytes.length) throw invalidRequest('offset: is beyond the end of the object');
          const end = offset + MAX_LOG_PART_BYTES;
          return {
            region,
            path,
            size: bytes.length,
            sha256: hash('sha256', bytes, 'hex'),
            offset,
            bytes: bytes.subarray(offset, end),
            ...(end < bytes.length && { nextOffset: end }),
          };
        },
        count: () => NO_EVENTS,
      },
    );

export type ReadLogObject = ReturnType<typeof createReadLogObject>;
