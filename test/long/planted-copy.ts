import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { PlantedMistake } from './planted-mistake';

const ROOT = resolve(__dirname, '../..');
/** Of Jest's output, where it is long. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** How tests ended: the names of those that failed, each with its file. */
export interface TestRun {
  readonly failed: readonly string[];
  readonly passed: number;
}

interface JestReport {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** A copy of the tree as it stands, in which mistakes are planted: the tree itself is left alone. */
export class PlantedCopy {
  private constructor(private readonly directory: string) {}

  static make(): PlantedCopy {
    const directory = mkdtempSync(join(tmpdir(), 'keyward-planted-'));
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
    for (const file of files
      .toString('utf8')
      .split('\0')
      .filter((each) => each !== '')) {
      const target = join(directory, file);
      mkdirSync(dirname(target), { recursive: true });
      // A file that git still lists may have been deleted.
      try {
        cpSync(join(ROOT, file), target);
      } catch {
        continue;
      }
    }
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    return new PlantedCopy(directory);
  }

  /**
   * Runs something with a mistake in the copy, and takes it out again.
   *
   * @throws Error where the right text does not stand there once
   */
  async with<T>({ name, file, right, wrong }: PlantedMistake, run: () => Promise<T>): Promise<T> {
    const path = join(this.directory, file);
    const text = readFileSync(path, 'utf8');
    const count = text.split(right).length - 1;
    if (count !== 1) throw new Error(`${name}: ${file} has the text ${count} times that was to be replaced`);
    // By a function: `$` means something in a replacement.
    writeFileSync(
      path,
      text.replace(right, () => wrong),
    );
    try {
      return await run();
    } finally {
      writeFileSync(path, text);
    }
  }

  /** Runs test files, or all in a directory, one at a time. */
  async test(files: readonly string[]): Promise<TestRun> {
    const report = join(this.directory, 'planted-report.json');
    rmSync(report, { force: true });
    const jest = join(this.directory, 'node_modules/jest/bin/jest.js');
    const options = ['-w', '1', '--coverage=false', '--json', `--outputFile=${report}`];
    const output = await new Promise<string>((done) => {
      const arguments_ = [jest, ...options, ...files];
      execFile(process.execPath, arguments_, { cwd: this.directory, maxBuffer: MAX_OUTPUT_BYTES }, (_, out, error) => {
        done(out + error);
      });
    });
    let parsed: JestReport;
    try {
      parsed = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
    } catch {
      throw new Error(`no test ran: ${output.slice(-2000)}`);
    }
    const failed = parsed.testResults.flatMap(({ name, status, assertionResults }) => {
      const short = name.slice(name.indexOf('/test/') + 1);
      const names = assertionResults
        .filter((each) => each.status === 'failed')
        .map((each) => `${short}: ${each.fullName}`);
      return names.length > 0 || status !== 'failed' ? names : [`${short}: did not run`];
    });
    return { failed, passed: parsed.numPassedTests };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
