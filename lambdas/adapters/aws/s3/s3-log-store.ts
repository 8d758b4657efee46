import type { LogStore } from '../../../core/transparency/ports/log-store';
import type { S3Bucket } from './s3-bucket';

/** Tiles, bundles and index of a log, in a bucket that has nothing else but its checkpoint, state and keys. */
export const createS3LogStore = (bucket: S3Bucket): LogStore => ({
  read: async (path) => (await bucket.read(path))?.bytes,
  put: (path, bytes) => bucket.put(path, bytes),
  create: (path, bytes) => bucket.putIfSettled(path, bytes, 'absent'),
  list: (prefix) => bucket.keys(prefix),
});
