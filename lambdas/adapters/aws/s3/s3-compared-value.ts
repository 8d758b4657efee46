import type { ComparedValue } from '../../../core/transparency/ports/compared-value';
import type { S3Bucket } from './s3-bucket';

/** A small value in one object, by its entity tag. A lost answer is settled by reading the object. */
export const createS3ComparedValue = (bucket: S3Bucket, key: string): ComparedValue => ({
  read: () => bucket.read(key),
  write: (bytes, read) => bucket.putIfSettled(key, bytes, read === undefined ? 'absent' : { tag: read.tag }),
});
