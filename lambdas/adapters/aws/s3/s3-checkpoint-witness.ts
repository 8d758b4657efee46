import { hash } from 'node:crypto';
import type { CheckpointWitness } from '../../../core/transparency/ports/checkpoint-witness';
import type { S3Bucket } from './s3-bucket';

const SIZE_DIGITS = 20;

/**
 * Copies of a log's checkpoints in a bucket of another account, which needs no permission but to write: each under a name of its
 * own, `<origin>/<size, 20 digits>/<hash of the note>`, and never over another object.
 */
export const createS3CheckpointWitness = (bucket: S3Bucket, origin: string): CheckpointWitness => ({
  keep: async (checkpoint, size) => {
    const name = [origin, String(size).padStart(SIZE_DIGITS, '0'), hash('sha256', checkpoint, 'hex')].join('/');
    await bucket.putIf(name, checkpoint, 'absent');
  },
});
