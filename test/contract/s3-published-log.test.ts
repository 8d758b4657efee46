import { hash } from 'node:crypto';
import { createS3EventArchive } from '../../lambdas/adapters/aws/s3/s3-archive';
import { createS3Bucket, type S3Bucket } from '../../lambdas/adapters/aws/s3/s3-bucket';
import { createS3Client } from '../../lambdas/adapters/aws/s3/s3-client';
import { createS3PublishedLog } from '../../lambdas/adapters/aws/s3/s3-published-log';
import { archivePath } from '../../lambdas/core/transparency/archive-path';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { startS3 } from '../doubles/start-s3';
import { keeps } from './contract';
import { publishedLogContract } from './published-log.contract';
import { useAwsDouble } from './use-aws-double';

const s3 = useAwsDouble('S3', startS3);

const bucketOf = (bucket: string): S3Bucket =>
  createS3Bucket({
    client: createS3Client({ ...AMPLE, maxAttempts: 1, failures: new RecordingFailures(), region: 'us-east-1' }),
    bucket,
    clock: { sleep: () => Promise.resolve() },
  });
const open = () => createS3PublishedLog({ region: 'eu-west-1', log: bucketOf('log'), archive: bucketOf('archive') });
const archive = async (hour: string, lines: Buffer): Promise<string> => {
  const object = { hour, sha256: hash('sha256', lines, 'hex') };
  await createS3EventArchive(bucketOf('archive')).add(object, lines);
  return archivePath(object);
};

keeps('createS3PublishedLog', publishedLogContract, () => ({
  port: open(),
  put: (path, bytes) => bucketOf('log').put(path, bytes),
  archive,
}));

test('a page of the archive is full though others have put there what no archiver writes', async () => {
  const hour = '2026-11-27T09';
  const paths = [await archive(hour, Buffer.from('a\n')), await archive(hour, Buffer.from('b\n'))].toSorted();
  const objects = s3().buckets.get('archive')!;
  for (const key of ['!', '0', 'zz']) objects.set(`archive/${hour}/${key}`, Buffer.of());
  expect(await open().page(`archive/${hour}/`, '', 2)).toEqual(paths);
  expect(await open().page(`archive/${hour}/`, paths[0] as string, 2)).toEqual(paths.slice(1));
});
