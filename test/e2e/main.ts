import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CALLER_GRANTS } from '../../lambdas/core/contract/grants';
import { NotAvailable, skippedLines } from '../install-from-pypi';
import { createCaller, RegionalApi } from './caller';
import { checkApi } from './checks';
import { checkDeletion } from './check-deletion';
import { checkKek } from './check-kek';
import { checkDekRotation } from './check-dek-rotation';
import { checkQuietDekRotation, startQuietDekRotation } from './check-quiet-dek-rotation';
import { checkKekRotation } from './check-kek-rotation';
import { checkLog } from './check-log';
import { KekSecret } from './first-kek';
import { LogKeys } from './given-log';
import { replicateTables } from './replicate-tables';
import { createStack } from './create-stack';
import { installMiniStack, MiniStack } from './ministack';
import { NOT_CHECKED } from './not-checked';
import type { Cloud } from './signed-call';
import { Stop } from './stop';
import { synthesize, type SynthesizedStack } from './synthesize';
import { print, Tally } from './tally';
import { LEFT_OUT_OF_LOG, transformLogTemplate } from './transform-log-template';
import { LEFT_OUT } from './transform-template';

/**
 * Deploys what `cdk synth` writes to MiniStack, a stand-in for AWS from PyPI, in three regions, and drives it through
 * API Gateway with signed requests, signatures and policies enforced. Needs python3 and PyPI: where they are missing it says so,
 * and counts as skipped. Everything that it makes is removed, but for MiniStack itself, which stays in `.cache`.
 */

const ACCOUNT = '111111111111';
/** MiniStack takes an account id as the access key of that account's root. */
const ROOT_KEYS = { accessKeyId: ACCOUNT, secretAccessKey: 'example-root-secret-of-ministack' };
const STAGE = 'keyward';
const HOME = 'us-east-1';
const REPLICAS = ['eu-west-1', 'ap-south-1'];
const REGIONS = [HOME, ...REPLICAS];
/** The home region has a transparency log; the others and the copies are left out: see NOT_CHECKED. */
const LOG_STACKS = `${STAGE}-log-`;
const LOG_STACK = `${LOG_STACKS}${HOME}`;
/** MiniStack's gateway writes no access log: see NOT_CHECKED. */
const REFUSALS_STACKS = `${STAGE}-refusals-`;
const TABLES = ['keysets', 'credentials', 'audit', 'rotations'];
const PROVIDERS = ['openai', 'anthropic', 'google', 'global'];

async function run(tally: Tally, cloud: Cloud, stacks: readonly SynthesizedStack[], logKeys: LogKeys): Promise<void> {
  const apis: RegionalApi[] = [];
  for (const stack of stacks) {
    await tally.check(`${stack.region}: creates ${stack.name}`, async () => {
      const given = stack.name === LOG_STACK ? await logKeys.givenTo(cloud, HOME, `${STAGE}-audit`) : undefined;
      const outputs = await createStack(cloud, stack, (template) =>
        given === undefined ? template : transformLogTemplate(template, given),
      );
      const endpoint = [...outputs.values()].find((value) => value.includes('.execute-api.'));
      const id = /^https:\/\/([^.]+)\./.exec(endpoint ?? '')?.[1];
      if (id !== undefined) apis.push(new RegionalApi(cloud.port, stack.region, id));
    });
  }
  if (apis.length !== REGIONS.length) throw new Stop('Without an API in each region nothing more can be checked.');
  await tally.check(`${HOME}: replicates the tables`, async () => {
    const tables = TABLES.map((table) => `${STAGE}-${table}`);
    await replicateTables(cloud, tables, { home: HOME, replicas: REPLICAS });
  });
  const secret = new KekSecret(cloud, HOME, `${STAGE}/kek`);
  await checkKek(tally, cloud, { stage: STAGE, regions: REGIONS, secret, providers: PROVIDERS });
  const attached = new Map<string, readonly string[]>();
  const caller = (name: string, policies: readonly string[]) => {
    attached.set(`end-to-end-${name}`, inEveryRegion(policies));
    return createCaller(cloud, ACCOUNT, `end-to-end-${name}`, inEveryRegion(policies));
  };
  const deployed = {
    stage: STAGE,
    apis,
    providers: PROVIDERS,
    openai: await caller('openai', grantsFor('openai')),
    google: await caller('google', grantsFor('google')),
    operator: await caller('operator', ['operators-keysets', 'operators-rotations', 'operators-audit']),
  };
  await checkApi(tally, cloud, deployed);
  await checkKekRotation(tally, cloud, { ...deployed, secret });
  // It waits for minutes; the emergency of another provider has the time.
  const quiet = await startQuietDekRotation(tally, deployed);
  await checkDekRotation(tally, cloud, deployed);
  if (quiet !== undefined) await checkQuietDekRotation(tally, deployed, quiet);
  const [home] = apis;
  if (home !== undefined) await checkLog(tally, cloud, { ...deployed, account: ACCOUNT, api: home });
  await checkDeletion(tally, cloud, { ...deployed, account: ACCOUNT, attached });
}

const grantsFor = (provider: string): readonly string[] => CALLER_GRANTS.map((grant) => `${provider}-${grant}`);

const inEveryRegion = (policies: readonly string[]): readonly string[] =>
  REGIONS.flatMap((region) => policies.map((policy) => `${STAGE}-${region}-${policy}`));

async function main(): Promise<void> {
  installMiniStack();
  const synthesized = mkdtempSync(join(tmpdir(), 'keyward-e2e-'));
  let ministack: MiniStack | undefined;
  let logKeys: LogKeys | undefined;
  const cleanUp = (): void => {
    ministack?.stop();
    rmSync(synthesized, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Not `once`: a second Ctrl-C, or the one that npm passes on, must not end the cleaning up.
    process.on(signal, () => {
      cleanUp();
      process.exit(1);
    });
  }
  const tally = new Tally();
  try {
    const stacks = synthesize(synthesized).filter(
      ({ name }) => name === LOG_STACK || !(name.startsWith(LOG_STACKS) || name.startsWith(REFUSALS_STACKS)),
    );
    ministack = await MiniStack.start(ROOT_KEYS);
    logKeys = await LogKeys.start(`${ACCOUNT}/keyward/${STAGE}/${HOME}`);
    await run(tally, { port: ministack.port, root: ROOT_KEYS }, stacks, logKeys);
  } finally {
    if (!tally.allPassed && ministack !== undefined) print(`MiniStack's log ends:\n${ministack.log.slice(-4000)}`);
    cleanUp();
    await logKeys?.close();
  }
  print('Left out, because MiniStack cannot take it:');
  for (const [what, why] of Object.entries(LEFT_OUT)) print(`  ${what}: ${why}`);
  print("Left out of the log's stack beside that:");
  for (const [what, why] of Object.entries(LEFT_OUT_OF_LOG)) print(`  ${what}: ${why}`);
  for (const what of NOT_CHECKED) print(`Not checked: ${what}`);
  print(tally.toString());
  process.exitCode = tally.allPassed ? 0 : 1;
}

main().catch((thrown: unknown) => {
  if (thrown instanceof NotAvailable) {
    print(skippedLines('nothing was deployed to MiniStack', thrown));
    return;
  }
  print(thrown instanceof Stop ? thrown.message : String(thrown instanceof Error ? thrown.stack : thrown));
  process.exitCode = 1;
});
