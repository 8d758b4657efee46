import { archivePath, parseArchivePath } from '../../../core/transparency/archive-path';
import type { PublishedLog } from '../../../core/transparency/ports/published-log';
import { createS3Archive } from './s3-archive';
import type { S3Bucket } from './s3-bucket';

export interface S3PublishedLogConfig {
  readonly region: string;
  /** The log's own bucket. */
  readonly log: S3Bucket;
  /** The archive's, whose objects are read uncompressed. */
  readonly archive: S3Bucket;
}

const ARCHIVED = 'archive/';

/** What a region's log has stored, of two buckets. */
export function createS3PublishedLog({ region, log, archive }: S3PublishedLogConfig): PublishedLog {
  const source = createS3Archive(archive);
  const page: PublishedLog['page'] = async (prefix, after, limit) =>
    prefix.startsWith(ARCHIVED)
      ? (await source.page(prefix, after, limit)).map(archivePath)
      : log.keys(prefix, { after, limit });
  return {
    region,
    page,
    files: {
      read: async (path) => {
        const object = parseArchivePath(path);
        return object === undefined ? (await log.read(path))?.bytes : source.read(object);
      },
      list: (prefix) => page(prefix, '', Infinity),
    },
  };
}
