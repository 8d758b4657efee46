import { gunzipSync, gzipSync } from 'node:zlib';
import { archivePath, parseArchivePath } from '../../../core/transparency/archive-path';
import type { ArchiveObject, ArchiveSource } from '../../../core/transparency/ports/archive-source';
import type { EventArchive } from '../../../core/transparency/ports/event-archive';
import type { S3Bucket } from './s3-bucket';

const ROOT = 'archive/';
const HOUR = /^archive\/([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2})\/$/;
const ZIPPED = '.gz';

/** More than an archiver ever writes: its input has at most 6 MB (Lambda quotas, "Invocation payload"). */
const MAX_LINES_BYTES = 32 * 1024 * 1024;

/** The key of an archived object: its path in the log, and that it is zipped. */
const keyOf = (object: ArchiveObject): string => archivePath(object) + ZIPPED;

/** Undefined for a key that no archiver writes. */
const objectOf = (key: string): ArchiveObject | undefined =>
  key.endsWith(ZIPPED) ? parseArchivePath(key.slice(0, -ZIPPED.length)) : undefined;

/** The archive of one region, with the pages of its listing. */
export interface S3Archive extends ArchiveSource {
  /** At most so many objects below a prefix, in the order of their paths; fewer only where there are no more. */
  page(prefix: string, after: string, limit: number): Promise<readonly ArchiveObject[]>;
}

/** The archive of one region's events. What is there under another name is not looked at. */
export const createS3Archive = (bucket: S3Bucket): S3Archive => ({
  hours: async (from) => {
    const folders = await bucket.folders(ROOT, from === undefined ? undefined : `${ROOT}${from}`);
    return folders.flatMap((folder) => HOUR.exec(folder)?.[1] ?? []);
  },
  objects: async (hour) => (await bucket.keys(`${ROOT}${hour}/`)).flatMap((key) => objectOf(key) ?? []),
  page: async (prefix, after, limit) => {
    const found: ArchiveObject[] = [];
    let last = after === '' ? '' : after + ZIPPED;
    while (found.length < limit) {
      const wanted = limit - found.length;
      const keys = await bucket.keys(prefix, { after: last, limit: wanted });
      found.push(...keys.flatMap((key) => objectOf(key) ?? []));
      if (keys.length < wanted) break;
      last = keys.at(-1) as string;
    }
    return found;
  },
  read: async (object) => {
    const stored = await bucket.read(keyOf(object));
    return stored === undefined ? undefined : unzip(stored.bytes);
  },
});

/** Adds to the archive. Needs no permission but to write, so a write whose answer is lost is sent again: it is refused then. */
export const createS3EventArchive = (bucket: S3Bucket): EventArchive => ({
  add: async (object, lines) => {
    await bucket.putIf(keyOf(object), gzipSync(lines), 'absent');
  },
});

/** Bytes that nobody has zipped stay as they are: whoever reads them compares their hash. */
function unzip(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_LINES_BYTES });
  } catch {
    return bytes;
  }
}
