import type { AuditTrail } from '../audit/audit-trail';
import { canonicalJson } from '../crypto/canonical-json';
import { KeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import { logOf } from './log-of';
import type { LogPublisher } from './ports/log-publisher';
import type { Logs } from './ports/published-log';
import type { Published } from './publish';

/** What became of a request to publish. */
export interface Publication {
  readonly region: string;
  /** What the log has now; left out: the publisher is still at work. */
  readonly published?: Published;
}

export const NOT_SIGNED =
  'the publisher signed nothing, because what is stored does not fit: keyward audit verify tells what, and an alarm is due';

export interface RequestPublicationDependencies {
  readonly logs: Logs;
  readonly publisher: LogPublisher;
  readonly trail: AuditTrail;
  readonly region: string;
}

/**
 * Lets the publisher of a region's log run now; without a region, that of the log of this process's region. It changes nothing that
 * the hourly run would not, so its event follows it: a request whose event is refused may have published. A hand-over of the log's
 * keys is an entry of the log, whether or not its event is written.
 *
 * @throws KeywardError `invalid_request` if a deployment makes the log's keys, `log_not_found`, `log_damaged` if the publisher signed nothing, `store_unavailable`, `audit_unavailable`
 */
export const createRequestPublication =
  ({ logs, publisher, trail, region: here }: RequestPublicationDependencies) =>
  async (
    caller: Caller,
    { region = here, handOver = false }: { readonly region?: string; readonly handOver?: boolean },
  ): Promise<Publication> => {
    const filters = canonicalJson({ region });
    const metadata = handOver ? { operation: 'hand_over_log', filters } : { operation: 'publish_log', filters };
    const entry = { event_type: 'config_change', provider: null, metadata } as const;
    let publication: Publication;
    try {
      logOf(logs, region);
      const published = await publisher.publish(region, { handOver });
      if (published?.fault === 'publisher_contended') throw contended();
      if (published?.fault !== undefined) throw new KeywardError('log_damaged', NOT_SIGNED);
      publication = { region, ...(published && { published: published.value }) };
    } catch (thrown) {
      await trail.recordRefusal(caller, entry, thrown);
      throw thrown;
    }
    await trail.record(caller, entry);
    return publication;
  };

export type RequestPublication = ReturnType<typeof createRequestPublication>;

const contended = (): KeywardError =>
  new KeywardError('store_unavailable', 'other publishers were always faster; try again');
