import type { DekRotationReport, ShardProgress, StoredReport } from '../dek-rotation-report';
import type { WriteResult } from '../../ports/write-result';

/**
 * Reports of rotations in the home region, and the progress of each shard. Reads are consistent. Every method may throw
 * KeywardError `store_unavailable`; it is then not known whether a write was made. An edited row counts as none: it stops no
 * rotation, and the next write with the expected revision 0 replaces it.
 */
export interface DekRotationStore {
  report(provider: string, rotationId: string): Promise<StoredReport | undefined>;

  /** Returns reports, newest first, at most `limit`, from the first id below `before`. */
  reports(provider: string, page: { before?: string; limit: number }): Promise<readonly StoredReport[]>;

  /** @param expectedRevision the revision that was read; 0 if there was none */
  putReport(report: DekRotationReport, expectedRevision: number): Promise<WriteResult>;

  shard(provider: string, rotationId: string, shard: number): Promise<ShardProgress | undefined>;

  /** Returns all shards that have begun, in the order of their numbers. */
  shards(provider: string, rotationId: string): Promise<readonly ShardProgress[]>;

  /** @param expectedRevision the revision that was read; 0 if there was none */
  putShard(progress: ShardProgress, expectedRevision: number): Promise<WriteResult>;

  /** Returns the time, ISO 8601, up to which open intents have been closed; undefined before the first run. */
  intentsClosedTo(): Promise<string | undefined>;

  /** Stores the time, unless a later one is stored. */
  noteIntentsClosedTo(time: string): Promise<void>;
}
