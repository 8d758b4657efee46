import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../compile/root';
import { NotAvailable, skippedLines } from './install-from-pypi';
import { writeLog } from './transparency/write-log';
import { writeDamaged, writeLogFiles } from './transparency/written-log';

/**
 * Holds our transparency log to another implementation, Go's golang.org/x/mod/sumdb: it opens what we write, refuses what was
 * changed in it, and writes the vectors of docs/vectors/tlog.json, which `npm test` opens.
 */
const PROGRAM = join(ROOT, 'test/transparency');
const VECTORS = join(ROOT, 'docs/vectors/tlog.json');
/** Longer than a download takes; without it a proxy that never answers would block the run. */
const TIMEOUT_MS = 600_000;

function build(directory: string): string {
  const go = (...args: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync('go', args, { cwd: PROGRAM, encoding: 'utf8', timeout: TIMEOUT_MS });
  if (go('version').status !== 0) throw new NotAvailable('golang.org/x/mod/sumdb needs go, and there is none here.');
  if (go('mod', 'download').status !== 0) throw new NotAvailable('go does not get golang.org/x/mod here.');
  const binary = join(directory, 'sumdb');
  const { status, stderr } = go('build', '-o', binary, '.');
  if (status !== 0) throw new Error(`go does not build the program:\n${stderr}`);
  return binary;
}

async function check(directory: string): Promise<readonly string[]> {
  const binary = build(directory);
  const run = (...args: readonly string[]) => spawnSync(binary, args, { encoding: 'utf8', maxBuffer: 2 ** 24 });
  const failures: string[] = [];
  const made = run('vectors').stdout;
  if (process.argv.includes('--write')) writeFileSync(VECTORS, made);
  if (made !== readFileSync(VECTORS, 'utf8')) failures.push('docs/vectors/tlog.json is not what the program writes');

  const log = await writeLog();
  const folder = join(directory, 'log');
  writeLogFiles(folder, log.files);
  const opened = run('open', folder);
  console.log(opened.stdout.trim());
  if (opened.status !== 0) failures.push(`it does not open what we write: ${opened.stderr.trim()}`);
  for (const [path, at] of log.damages) {
    const restore = writeDamaged(folder, log.files, path, at);
    if (run('open', folder).status === 0) failures.push(`it opens our log with a changed bit in ${path}, byte ${at}`);
    restore();
  }
  console.log(`refused ${log.damages.length} damaged logs`);
  return failures;
}

async function main(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-sumdb-'));
  try {
    const failures = await check(directory);
    for (const failure of failures) console.log(failure);
    console.log(failures.length === 0 ? '1 passed, 0 failed, 0 skipped' : '0 passed, 1 failed, 0 skipped');
    return failures.length === 0 ? 0 : 1;
  } catch (thrown) {
    if (!(thrown instanceof NotAvailable)) throw thrown;
    console.log(skippedLines('the transparency log was not opened by golang.org/x/mod/sumdb', thrown));
    return 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

void main().then((code) => {
  process.exitCode = code;
});
