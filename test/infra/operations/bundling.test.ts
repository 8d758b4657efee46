import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { build } from 'esbuild';
import { ROOT } from '../../../compile/root';
import { BUNDLING, esbuildOptions } from '../../../lib/operations/bundling';
import { readDeployment } from '../../../lib/deployment';
import { KeywardFunction } from '../../../lib/operations/keyward-function';
import { ResourceNames } from '../../../lib/resource-names';
import { ACCOUNT, CONFIGURED, HOME } from '../synthesized';

const NAME = 'health';

let directory: string;
const startedIn = process.cwd();
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyward-bundling-'));
  // As in a script that is started from anywhere: neither way of bundling may depend on where.
  process.chdir(directory);
});
afterEach(() => {
  process.chdir(startedIn);
  rmSync(directory, { recursive: true, force: true });
});

function bundledByCdk(): string {
  const app = new App({ outdir: join(directory, 'cdk.out'), builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'one', { env: { account: ACCOUNT, region: HOME } });
  const deployment = readDeployment(CONFIGURED);
  new KeywardFunction(stack, NAME, {
    deployment,
    names: new ResourceNames(deployment),
    logsKey: new Key(stack, 'key'),
    timeout: Duration.seconds(1),
    memoryMB: 128,
  });
  const assets = readdirSync(app.synth().directory).filter((each) => each.startsWith('asset.'));
  expect(assets).toHaveLength(1);
  return readFileSync(join(directory, 'cdk.out', assets[0]!, 'index.js'), 'utf8');
}

test('the bundle that CDK makes is, byte for byte, the one that is tested, and names no place of this machine', async () => {
  const path = join(directory, 'own.js');
  await build(esbuildOptions(join(ROOT, 'lambdas', NAME, 'handler.ts'), path));
  const own = readFileSync(path, 'utf8');
  expect(bundledByCdk() === own).toBe(true);
  expect(own).not.toContain(ROOT);
});

test('a bundle reads credentials in the environment, and has neither the search for them nor streams of events', async () => {
  const options = esbuildOptions(join(ROOT, 'lambdas', NAME, 'handler.ts'), join(directory, 'index.js'));
  const inputsOf = async (alias: Record<string, string>): Promise<string[]> => {
    const { metafile } = await build({ ...options, alias, write: false, metafile: true });
    return Object.keys(metafile.inputs);
  };
  const search = /@aws-sdk\/(credential-provider-|nested-clients|token-providers)|submodules\/event-streams/;
  const inputs = await inputsOf(options.alias);
  expect(inputs.filter((each) => search.test(each))).toEqual([]);
  for (const replacement of Object.values(BUNDLING.alias)) expect(inputs).toContain(replacement.replace('./', ''));
  // So that the pattern is one that would find it.
  expect((await inputsOf({})).filter((each) => search.test(each)).length).toBeGreaterThan(10);
});
