import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fillJournal } from '../../../bench/fill-journal';
import { ROOT } from '../../../compile/root';
import { AUDIT_DIRECTORY } from '../../../local/local-names';
import { LocalProcess, temporaryHome } from '../local/local-process';
import { until } from '../../until';
import { bareEnvironment } from './bare-environment';

const EVENTS = 6_000;
const HOUR_MS = 3_600_000;

const { home, remove } = temporaryHome();
const directory = join(dirname(home), 'exports');
let server: LocalProcess;

beforeAll(async () => {
  await (await LocalProcess.start(home)).stop();
  const journal = join(home, AUDIT_DIRECTORY);
  for (const name of readdirSync(journal)) if (name.includes('.jsonl')) rmSync(join(journal, name));
  fillJournal(journal, EVENTS, Date.now() - HOUR_MS, 100 * HOUR_MS);
  server = await LocalProcess.start(home);
  mkdirSync(directory);
});
afterAll(async () => {
  await server.stop();
  remove();
});

const exporting = (out: string, ...more: readonly string[]): ChildProcess =>
  spawn(process.execPath, [join(ROOT, 'bin/keyward.cjs'), 'audit', 'export', `--out=${out}`, ...more], {
    env: bareEnvironment({ home, url: server.url }, dirname(home)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const ended = async (child: ChildProcess): Promise<{ code: number | null; err: string }> => {
  const [err] = await Promise.all([buffer(child.stderr!), buffer(child.stdout!), once(child, 'close')]);
  return { code: child.exitCode, err: err.toString() };
};

const idsOf = (out: string): string[] =>
  readFileSync(out, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { id: string }).id);

test.each(['SIGINT', 'SIGKILL'] as const)(
  'an export that %s ends again and again has each event once in the end',
  async (signal) => {
    const out = join(directory, signal);
    const state = `${out}.part.json`;
    let stops = 0;
    for (let isDone = false; !isDone; stops += 1) {
      const before = existsSync(state) ? statSync(state).mtimeMs : 0;
      const child = exporting(out, ...(before === 0 ? [] : ['--resume']));
      const over = ended(child);
      await until('a page is written, or the export has ended', () => {
        const isFurther = existsSync(state) && statSync(state).mtimeMs > before;
        return isFurther || child.exitCode !== null;
      });
      // The third one may end.
      if (stops < 3) child.kill(signal);
      const { code, err } = await over;
      isDone = code === 0;
      if (!isDone && signal === 'SIGINT') {
        expect(code).toBe(130);
        expect(err).toMatch(/stopped by Ctrl-C; .* so far; continue with: keyward audit export --out=\S+ --resume$/m);
      }
    }
    expect(stops).toBeGreaterThan(1);
    const ids = idsOf(out);
    expect(new Set(ids).size).toBe(ids.length);
    const whole = join(directory, `${signal}-whole`);
    expect((await ended(exporting(whole, '--type', 'decrypt'))).code).toBe(0);
    const decrypts = new Set(idsOf(whole));
    expect(decrypts.size).toBe(EVENTS);
    // In the same order; the reads of the exports before it are the only other events.
    expect(ids.filter((id) => decrypts.has(id))).toEqual([...decrypts]);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).filter((name) => name.includes('.part'))).toEqual([]);
  },
);
