import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../compile/root';
import { leafHash } from '../lambdas/core/transparency/merkle-hash';
import { verifyConsistency, verifyInclusion } from '../lambdas/core/transparency/merkle-proof';
import { openCheckpoint } from '../lambdas/core/transparency/open-checkpoint';
import { parseTrustPolicy } from '../lambdas/core/transparency/parse-trust-policy';
import { proveConsistency, proveInclusion } from '../lambdas/core/transparency/prove-from-tiles';
import { verifyLog } from '../lambdas/core/transparency/verify-log';
import { installFromPyPI, NotAvailable, skippedLines } from './install-from-pypi';
import { writeDamaged, writeLogFiles } from './transparency/written-log';
import { writeLog } from './transparency/write-log';

/**
 * Holds our transparency log to another implementation, PyPI's aics-tlog: it opens what we write and refuses what was changed in it,
 * and we open what it writes.
 */
const PACKAGE = { name: 'aics-tlog', version: '0.2.1' };
const PROGRAM = join(ROOT, 'test/transparency/aics.py');

type Run = (what: 'open' | 'write', directory: string) => SpawnSyncReturns<string>;

async function theyOpenOurs(run: Run, directory: string): Promise<readonly string[]> {
  const log = await writeLog();
  writeLogFiles(directory, log.files);
  const opened = run('open', directory);
  console.log(opened.stdout.trim());
  const failures = opened.status === 0 ? [] : [`it does not open what we write: ${opened.stderr.trim()}`];
  for (const [path, at] of log.damages) {
    const restore = writeDamaged(directory, log.files, path, at);
    if (run('open', directory).status === 0)
      failures.push(`it opens our log with a changed bit in ${path}, byte ${at}`);
    restore();
  }
  console.log(`refused ${log.damages.length} damaged logs`);
  return failures;
}

interface TheirLog {
  readonly log: string;
  readonly witness: string;
  readonly witnessed_at: number;
  readonly size: number;
  readonly older: readonly { readonly size: number; readonly root: string; readonly hashes: readonly string[] }[];
  readonly entries: readonly { readonly index: number; readonly hashes: readonly string[] }[];
}

const fromBase64 = (texts: readonly string[]): readonly Buffer[] => texts.map((text) => Buffer.from(text, 'base64'));

async function weOpenTheirs(run: Run, directory: string): Promise<readonly string[]> {
  mkdirSync(directory);
  const { status, stderr } = run('write', directory);
  if (status !== 0) return [`it does not write a log: ${stderr.trim()}`];
  const failures: string[] = [];
  const check = (isSo: boolean, what: string): void => {
    if (!isSo) failures.push(`we do not open what it writes: ${what}`);
  };
  const file = JSON.parse(readFileSync(join(directory, 'log.json'), 'utf8')) as TheirLog;
  const policy = parseTrustPolicy(Buffer.from(`log ${file.log}\nwitness w ${file.witness}\nquorum w\n`));
  if (policy.fault !== undefined) return [`we do not read its keys: ${policy.fault}`];
  const opened = openCheckpoint(readFileSync(join(directory, 'checkpoint')), policy.value);
  if (opened.fault !== undefined) return [`we do not open its checkpoint: ${opened.fault}`];
  const { checkpoint, witnessedAt } = opened.value;
  check(checkpoint.size === file.size, 'size');
  check(witnessedAt === file.witnessed_at, 'time of the cosignature');

  const source = {
    async read(path: string): Promise<Buffer | undefined> {
      const at = join(directory, path);
      return existsSync(at) ? readFileSync(at) : undefined;
    },
  };
  const older = file.older.map(({ size, root }) => ({ size, root: Buffer.from(root, 'base64') }));
  const entries: string[] = [];
  const findings = await verifyLog(source, checkpoint, (entry) => entries.push(entry.toString()), older);
  check(findings.length === 0, `its tiles: ${JSON.stringify(findings)}`);
  check(entries.join() === Array.from({ length: file.size }, (_, index) => `entry ${index}`).join(), 'its entries');
  const stored = { source, size: file.size };
  for (const { index, hashes } of file.entries) {
    const leaf = leafHash(Buffer.from(`entry ${index}`));
    check(verifyInclusion(leaf, index, checkpoint, fromBase64(hashes)), `its proof of entry ${index}`);
    const { value } = await proveInclusion(stored, checkpoint, index);
    const ours = value?.hashes.map((hash) => hash.toString('base64'));
    check(ours?.join() === hashes.join(), `our proof of its entry ${index}`);
  }
  for (const [at, { size, hashes }] of file.older.entries()) {
    const tree = older[at] ?? checkpoint;
    check(verifyConsistency(tree, checkpoint, fromBase64(hashes)), `its consistency proof from ${size}`);
    const { value } = await proveConsistency(stored, tree, checkpoint);
    check(value?.map((hash) => hash.toString('base64')).join() === hashes.join(), `our consistency proof from ${size}`);
  }
  console.log(`opened its ${entries.length} entries, ${file.entries.length} proofs, ${file.older.length} older trees`);
  return failures;
}

async function main(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-aics-'));
  try {
    const python = join(installFromPyPI(PACKAGE), 'python');
    const run: Run = (what, where) => spawnSync(python, [PROGRAM, what, where], { encoding: 'utf8' });
    const failures = [
      ...(await theyOpenOurs(run, join(directory, 'ours'))),
      ...(await weOpenTheirs(run, join(directory, 'theirs'))),
    ];
    for (const failure of failures) console.log(failure);
    console.log(failures.length === 0 ? '1 passed, 0 failed, 0 skipped' : '0 passed, 1 failed, 0 skipped');
    return failures.length === 0 ? 0 : 1;
  } catch (thrown) {
    if (!(thrown instanceof NotAvailable)) throw thrown;
    console.log(skippedLines('the transparency log was not opened by aics-tlog', thrown));
    return 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

void main().then((code) => {
  process.exitCode = code;
});
