import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../compile/root';
import { Stop } from './stop';

/** A stack as it was synthesized. */
export interface SynthesizedStack {
  readonly name: string;
  readonly region: string;
  readonly templateFile: string;
  readonly assets: readonly Asset[];
}

/** A directory that becomes a zip file in a bucket. */
export interface Asset {
  readonly directory: string;
  readonly bucket: string;
  readonly key: string;
}

interface Manifest {
  readonly artifacts: Readonly<
    Record<string, { type: string; environment?: string; properties?: { templateFile?: string } }>
  >;
}

interface AssetManifest {
  readonly files: Readonly<
    Record<
      string,
      {
        source: { path: string; packaging: string };
        destinations: Readonly<Record<string, { bucketName: string; objectKey: string }>>;
      }
    >
  >;
}

/** The CLI in a process without an AWS environment, so that the account and regions are those of the configuration. */
export function synthesize(directory: string): readonly SynthesizedStack[] {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_') && !name.startsWith('CDK_')),
  );
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/aws-cdk/bin/cdk'), 'synth', '--quiet', '--output', directory],
    { cwd: ROOT, env, encoding: 'utf8' },
  );
  if (status !== 0) throw new Stop(`cdk synth failed:\n${stderr}`);
  return readStacks(directory);
}

function readStacks(directory: string): readonly SynthesizedStack[] {
  const { artifacts } = read(directory, 'manifest.json') as Manifest;
  // The manifest lists stacks in the order in which they can be deployed.
  return Object.entries(artifacts).flatMap(([name, { type, environment, properties }]) =>
    type === 'aws:cloudformation:stack' && properties?.templateFile !== undefined
      ? [
          {
            name,
            region: environment?.split('/').at(-1) ?? '',
            templateFile: join(directory, properties.templateFile),
            assets: assetsOf(directory, name),
          },
        ]
      : [],
  );
}

const assetsOf = (directory: string, stack: string): readonly Asset[] =>
  Object.values((read(directory, `${stack}.assets.json`) as AssetManifest).files)
    .filter(({ source }) => source.packaging === 'zip')
    .flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ bucketName, objectKey }) => ({
        directory: join(directory, source.path),
        bucket: bucketName,
        key: objectKey,
      })),
    );

const read = (directory: string, file: string): unknown => JSON.parse(readFileSync(join(directory, file), 'utf8'));
