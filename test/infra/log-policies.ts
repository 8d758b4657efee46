import { ACCOUNT, resourcesOf, templateOf } from './synthesized';
import { resolve, type Policy } from './simulated-iam';

export type Bucket = 'archive' | 'log' | 'failed-batches';

const bucketName = (bucket: Bucket, region: string): string => `keyward-${bucket}-${ACCOUNT}-${region}`;
export const bucketArn = (bucket: Bucket, region: string): string => `arn:aws:s3:::${bucketName(bucket, region)}`;

/** The policy of a bucket of a region's log. @throws Error where there is none */
export const bucketPolicy = (bucket: Bucket, region: string): Policy =>
  policyOfBucket(`keyward-log-${region}`, bucketName(bucket, region));

/** @throws Error where there is none */
export function policyOfBucket(stack: string, name: string): Policy {
  const template = templateOf(stack);
  const [id] = resourcesOf(template, 'AWS::S3::Bucket').find(
    ([, { Properties }]) => Properties['BucketName'] === name,
  )!;
  const found = resourcesOf(template, 'AWS::S3::BucketPolicy').find(
    ([, { Properties }]) => (Properties['Bucket'] as { Ref: string }).Ref === id,
  );
  if (found === undefined) throw new Error(`no policy of the bucket ${name}`);
  const document = JSON.stringify(found[1].Properties['PolicyDocument']).replaceAll(
    `{"Fn::GetAtt":["${id}","Arn"]}`,
    JSON.stringify(`arn:aws:s3:::${name}`),
  );
  return resolve(JSON.parse(document)) as Policy;
}
