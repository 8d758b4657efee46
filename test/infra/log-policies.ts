import { ACCOUNT, resourcesOf, templateOf } from './synthesized';
import { resolve, type Policy } from './simulated-iam';

export type Bucket = 'archive' | 'log' | 'failed-batches';

const bucketName = (bucket: Bucket, region: string): string => `keyward-${bucket}-${ACCOUNT}-${region}`;
export const bucketArn = (bucket: Bucket, region: string): string => `arn:aws:s3:::${bucketName(bucket, region)}`;

/** The policy of a bucket of a region's log. @throws Error where there is none */
export function bucketPolicy(bucket: Bucket, region: string): Policy {
  const template = templateOf(`keyward-log-${region}`);
  const [id] = resourcesOf(template, 'AWS::S3::Bucket').find(
    ([, { Properties }]) => Properties['BucketName'] === bucketName(bucket, region),
  )!;
  const found = resourcesOf(template, 'AWS::S3::BucketPolicy').find(
    ([, { Properties }]) => (Properties['Bucket'] as { Ref: string }).Ref === id,
  );
  if (found === undefined) throw new Error(`no policy of the bucket ${bucket} in ${region}`);
  const document = JSON.stringify(found[1].Properties['PolicyDocument']).replaceAll(
    `{"Fn::GetAtt":["${id}","Arn"]}`,
    JSON.stringify(bucketArn(bucket, region)),
  );
  return resolve(JSON.parse(document)) as Policy;
}
