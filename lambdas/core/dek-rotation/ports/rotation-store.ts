import type { RotationReport, ShardProgress, StoredReport } from '../rotation-report';
import type { WriteResult } from '../../ports/write-result';

/**
 * Reports of rotations in the home region, and how far each shard is. Reads are consistent. Every method may fail with
 * KeywardError `store_unavailable`; for a write it is then not known whether it was made. A row that somebody has edited into
 * something else counts as none: it stops no rotation, and the next write with the expected revision 0 replaces it.
 */
export interface RotationStore {
  report(provider: string, rotationId: string): Promise<StoredReport | undefined>;

  /** Newest first, at most `limit`, from the first id below `before`. */
  reports(provider: string, page: { before?: string; limit: number }): Promise<readonly StoredReport[]>;

  /** @param expectedRevision the revision that was read; 0 where there was none */
  putReport(report: RotationReport, expectedRevision: number): Promise<WriteResult>;

  shard(provider: string, rotationId: string, shard: number): Promise<ShardProgress | undefined>;

  /** All shards that have begun, in the order of their numbers. */
  shards(provider: string, rotationId: string): Promise<readonly ShardProgress[]>;

  /** @param expectedRevision the revision that was read; 0 where there was none */
  putShard(progress: ShardProgress, expectedRevision: number): Promise<WriteResult>;

  /** Up to when intents without an outcome have been closed, ISO 8601; undefined before the first time. */
  intentsClosedTo(): Promise<string | undefined>;

  /** A later time wins: writing an earlier one changes nothing. */
  noteIntentsClosedTo(time: string): Promise<void>;
}
