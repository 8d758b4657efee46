import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../until';
import { installMiniStack } from './ministack';
import { queryApi, textOf } from './query-api';
import { signedCall, type Cloud } from './signed-call';
import { Stop } from './stop';
import type { Asset, SynthesizedStack } from './synthesize';
import { transformTemplate, type Template } from './transform-template';

/**
 * Publishes a stack's assets, creates it through the CloudFormation API, and gives its outputs.
 *
 * @param prepare changes the template as it was synthesized
 */
export async function createStack(
  cloud: Cloud,
  stack: SynthesizedStack,
  prepare: (template: Template) => Template = (template) => template,
): Promise<ReadonlyMap<string, string>> {
  for (const asset of stack.assets) await publish(cloud, stack.region, asset);
  const template = transformTemplate(
    prepare(JSON.parse(readFileSync(stack.templateFile, 'utf8')) as Template),
    cloud.port,
  );
  const bucket = `templates-${stack.region}`;
  await store(cloud, stack.region, bucket, `${stack.name}.json`, JSON.stringify(template));
  await cloudFormation(cloud, stack, 'CreateStack', {
    TemplateURL: `http://127.0.0.1:${cloud.port}/${bucket}/${stack.name}.json`,
    'Capabilities.member.1': 'CAPABILITY_NAMED_IAM',
  });
  const description = await finished(cloud, stack);
  const outputs = description.matchAll(/<OutputKey>([^<]*)<\/OutputKey>\s*<OutputValue>([^<]*)<\/OutputValue>/g);
  return new Map([...outputs].map(([, key = '', value = '']) => [key, value]));
}

async function finished(cloud: Cloud, stack: SynthesizedStack): Promise<string> {
  const description = await until(
    `MiniStack has created ${stack.name}`,
    () => cloudFormation(cloud, stack, 'DescribeStacks'),
    (answer) => textOf(answer, 'StackStatus') !== 'CREATE_IN_PROGRESS',
  );
  const status = textOf(description, 'StackStatus');
  if (status === 'CREATE_COMPLETE') return description;
  const events = await cloudFormation(cloud, stack, 'DescribeStackEvents');
  throw new Stop(`MiniStack did not create ${stack.name} (${status ?? 'no status'}):\n${failuresOf(events)}`);
}

const failuresOf = (events: string): string =>
  events
    .split('<member>')
    .filter((event) => event.includes('_FAILED'))
    .map((event) => `${textOf(event, 'LogicalResourceId') ?? ''}: ${textOf(event, 'ResourceStatusReason') ?? ''}`)
    .join('\n');

const cloudFormation = (
  cloud: Cloud,
  { name, region }: SynthesizedStack,
  action: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> =>
  queryApi(
    cloud,
    { service: 'cloudformation', region, version: '2010-05-15', action },
    { StackName: name, ...parameters },
  );

async function publish(cloud: Cloud, region: string, { directory, bucket, key }: Asset): Promise<void> {
  const temporary = mkdtempSync(`${directory}-zip-`);
  try {
    const file = join(temporary, 'asset.zip');
    const zip = spawnSync(installMiniStack(), ['-m', 'zipfile', '-c', file, ...readdirSync(directory)], {
      cwd: directory,
    });
    if (zip.status !== 0) throw new Stop(`The bundle of ${key} could not be packed.`);
    await store(cloud, region, bucket, key, readFileSync(file));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function store(cloud: Cloud, region: string, bucket: string, key: string, body: string | Buffer): Promise<void> {
  const location =
    region === 'us-east-1'
      ? ''
      : `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
  const made = await putObject(cloud, region, `/${bucket}`, location);
  if (made.status !== 200 && made.status !== 409) throw new Stop(`CreateBucket answered ${made.status}: ${made.text}`);
  const put = await putObject(cloud, region, `/${bucket}/${key}`, body);
  if (put.status !== 200) throw new Stop(`PutObject answered ${put.status}: ${put.text}`);
}

const putObject = (cloud: Cloud, region: string, path: string, body: string | Buffer) =>
  signedCall(
    cloud.port,
    {
      service: 's3',
      region,
      method: 'PUT',
      path,
      headers: { 'content-length': String(Buffer.byteLength(body)) },
      body,
    },
    cloud.root,
  );
