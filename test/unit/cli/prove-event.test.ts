import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proveEvent } from '../../../cli/commands/prove-event';
import { parseTrustPolicy } from '../../../lambdas/core/transparency/parse-trust-policy';
import { formatVerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { verifyLogProof } from '../../../lambdas/core/transparency/verify-log-proof';
import { cliFailureOf } from '../../doubles/cli-failure-of';
import { CliStage } from '../../doubles/cli-stage';
import { servedLog } from './served-log';

const directory = mkdtempSync(join(tmpdir(), 'keyward-proof-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

test('the files of a proof hold for the keys of the log, and are for their owner alone', async () => {
  const { serve, grow, log } = servedLog();
  const id = await grow(3);
  const out = join(directory, 'proof');
  const stage = new CliStage(serve);
  await proveEvent(stage.session, [id], { out });
  const policy = parseTrustPolicy(Buffer.from(`log ${formatVerifierKey(log.keys.log.key)}\nquorum none\n`)).value!;
  const entry = readFileSync(`${out}.entry`).subarray(0, -1);
  expect(verifyLogProof(readFileSync(out), entry, policy).value?.checkpoint.size).toBe(3);
  expect(JSON.parse(readFileSync(`${out}.line`, 'utf8'))).toMatchObject({ id });
  for (const name of [out, `${out}.line`, `${out}.entry`]) expect(statSync(name).mode & 0o777).toBe(0o600);
  expect(existsSync(`${out}.part`)).toBe(false);
  expect(stage.stdout.text).toMatch(/^event +[0-9a-f]{32}\nregion +eu-west-1\nindex +2\nsize +3\nfile /);
  // What is there stays.
  const again = await cliFailureOf(proveEvent(new CliStage([]).session, [id], { out }));
  expect(again.code).toBe('usage');
});

test('without --out the proof goes to stdout byte for byte, or with everything as JSON', async () => {
  const { serve, grow } = servedLog();
  const id = await grow(1);
  const stage = new CliStage(serve);
  await proveEvent(stage.session, [id], {});
  expect(stage.stdout.text).toMatch(
    /^c2sp\.org\/tlog-proof@v1\nextra \S{44}\nindex 0\n\n111111111111\/keyward\/[^]*\n— \S+ \S+\n$/,
  );
  const inJson = new CliStage(serve, { json: true });
  await proveEvent(inJson.session, [id], {});
  expect(JSON.parse(inJson.stdout.text)).toMatchObject({ proof: stage.stdout.text, event: 'same' });
});

test('an event that expired is proved without its line, and the command says so', async () => {
  const { serve, grow, world } = servedLog();
  const id = await grow(1);
  world.audit.events.length = 0;
  const out = join(directory, 'expired');
  const stage = new CliStage(serve);
  await proveEvent(stage.session, [id], { out });
  expect([existsSync(out), existsSync(`${out}.line`)]).toEqual([true, false]);
  expect(stage.stderr.text).toContain('does not have this event any more');
});

test('an event that is not published, a time that is none and a reply that is no proof leave no file', async () => {
  const { serve } = servedLog();
  const out = join(directory, 'none');
  const id = '01a1fd1e90e200112233445566778899';
  const failure = await cliFailureOf(proveEvent(new CliStage(serve).session, [id], { out }));
  expect(failure.code).toBe('audit_event_not_found');
  const badTime = await cliFailureOf(proveEvent(new CliStage([]).session, [id], { out, at: 'yesterday' }));
  expect(badTime.code).toBe('usage');
  for (const proof of [7, '', 'c2sp.org/tlog-proof@v1\n\u001b[2J\n', 'another\n']) {
    const hostile = new CliStage([{ proof, entry: 'x', line: null, event: 'same' }]);
    const refused = await cliFailureOf(proveEvent(hostile.session, [id], {}));
    expect([refused.code, hostile.stdout.text]).toEqual(['unexpected_reply', '']);
  }
  expect(existsSync(out)).toBe(false);
  writeFileSync(`${out}.line`, 'mine');
  expect((await cliFailureOf(proveEvent(new CliStage([]).session, [id], { out }))).code).toBe('usage');
});
