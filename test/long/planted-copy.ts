import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../../compile/root';
import type { PlantedMistake } from './planted-mistake';

/** Maximum length of Jest's output. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The result of tests: for a failure, the files and the first one's name. */
export interface TestRun {
  readonly failed: readonly string[];
  readonly passed: number;
}

/** A copy of the present tree for the mistakes: the tree itself stays unchanged. */
export class PlantedCopy {
  private constructor(
    private readonly directory: string,
    /** The files at the time of the copy. */
    readonly files: readonly string[],
  ) {}

  static make(): PlantedCopy {
    const directory = mkdtempSync(join(tmpdir(), 'keyward-planted-'));
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
    // A file that git still lists may have been deleted.
    const files = listed
      .toString('utf8')
      .split('\0')
      .filter((file) => file !== '' && existsSync(join(ROOT, file)));
    for (const file of files) {
      const target = join(directory, file);
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(ROOT, file), target);
    }
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    return new PlantedCopy(directory, files);
  }

  /**
   * Runs a function with a mistake in the copy, then removes the mistake.
   *
   * @throws Error if the right text is not in the file exactly once
   */
  async with<T>({ name, file, right, wrong }: PlantedMistake, run: () => Promise<T>): Promise<T> {
    const text = this.read(file) ?? '';
    const count = text.split(right).length - 1;
    if (count !== 1) throw new Error(`${name}: ${file} has the text ${count} times that was to be replaced`);
    // By a function: `$` has a meaning in a replacement string.
    return this.withFiles(new Map([[file, text.replace(right, () => wrong)]]), run);
  }

  /** The contents of a file, or undefined without one. */
  readonly read = (file: string): string | undefined => {
    const path = join(this.directory, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };

  /** Runs a function while files have other contents or exist, then restores their contents, even after other changes. */
  async withFiles<T>(texts: ReadonlyMap<string, string>, run: () => Promise<T>): Promise<T> {
    const before = [...texts.keys()].map((file) => [file, this.read(file)] as const);
    for (const [file, text] of texts) {
      mkdirSync(dirname(join(this.directory, file)), { recursive: true });
      writeFileSync(join(this.directory, file), text);
    }
    try {
      return await run();
    } finally {
      for (const [file, text] of before) {
        if (text === undefined) rmSync(join(this.directory, file));
        else writeFileSync(join(this.directory, file), text);
      }
    }
  }

  /** Runs a Node.js program in the copy. @returns its exit code and its output */
  node(...parameters: readonly string[]): Promise<readonly [code: number, output: string]> {
    const settings = { cwd: this.directory, maxBuffer: MAX_OUTPUT_BYTES };
    return new Promise((done) => {
      execFile(process.execPath, [...parameters], settings, (error, out, errors) => {
        done([error === null ? 0 : 1, out + errors]);
      });
    });
  }

  /**
   * Runs test files, or all in a directory, one at a time.
   *
   * @throws Error if no test could be run
   */
  async test(files: readonly string[]): Promise<TestRun> {
    const jest = join(this.directory, 'node_modules/jest/bin/jest.js');
    const options = ['-w', '1', '--reporters=default', '--reporters=summary', '--coverage=false'];
    const [code, output] = await this.node(jest, ...options, ...files);
    const passed = Number(/^Tests: .*?(\d+) passed/m.exec(output)?.[1] ?? 0);
    const failures = [...output.matchAll(/^ {2}● (.*)$/gm)].map(([, name = '']) => name);
    const suites = [...output.matchAll(/^FAIL .*?(test\/\S+)/gm)].map(([, name = '']) => name);
    if (code === 0 && passed > 0) return { failed: [], passed };
    if (suites.length === 0) throw new Error(`no test ran: ${output.slice(-2000)}`);
    return { failed: [`${suites.join(', ')}: ${failures[0] ?? 'did not run'}`], passed };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
