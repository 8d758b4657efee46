import type { Checked } from '../log-fault';
import type { Published } from '../publish';

/** Lets the publisher of a region's log run at once: in this process, or as a function of its own. */
export interface LogPublisher {
  /**
   * Publishes what the archive has and the log has not. Events of the last minutes may not be in the archive yet.
   *
   * @param region one of {@link Logs.regions}
   * @param handOver makes new keys and hands the log over to them, unless a hand-over is under way; left out: no
   * @returns what was published, or the fault for which the publisher signed nothing; undefined if it has not ended in time: then
   *   it goes on
   * @throws KeywardError `store_unavailable` if it did not run, or nothing is known of it; `invalid_request` if new keys are not this
   *   publisher's to make
   */
  publish(region: string, options?: { readonly handOver?: boolean }): Promise<Checked<Published> | undefined>;
}
