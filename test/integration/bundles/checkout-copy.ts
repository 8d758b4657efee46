import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ROOT } from '../../../compile/root';

/** The sources of a command, of `npm start` and of the stacks. */
const SOURCES = [
  'bin',
  'cli',
  'compile',
  'lambdas',
  'lib',
  'local',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The sources in a separate directory, to be changed; node_modules is this checkout's, linked package by package. */
export class CheckoutCopy {
  readonly directory = mkdtempSync(join(tmpdir(), 'keyward-copy-'));

  constructor() {
    for (const path of SOURCES) cpSync(join(ROOT, path), this.path(path), { recursive: true });
    mkdirSync(this.path('node_modules'));
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      symlinkSync(join(ROOT, 'node_modules', name), this.path('node_modules', name));
    }
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  /** @throws Error if the text is not in the file, because the test would then test nothing */
  edit(path: string, from: string, to: string): void {
    const before = this.read(path);
    if (!before.includes(from)) throw new Error(`${path} does not have ${from}`);
    writeFileSync(this.path(path), before.replace(from, to));
  }

  /** Replaces a link into this checkout's node_modules by a copy, so that it can be changed. */
  ownPackage(name: string): void {
    const path = this.path('node_modules', name);
    rmSync(path, { recursive: true, force: true });
    cpSync(join(ROOT, 'node_modules', name), path, { recursive: true });
  }

  /** The identity of a bundle's file, independent of its contents: different after a new write. */
  identity(name = 'keyward'): number {
    return statSync(this.path('dist', `${name}.cjs`)).ino;
  }

  /** Files that a build has left behind. */
  leftovers(): string[] {
    return readdirSync(this.path('dist')).filter((name) => !/^[a-z-]+\.(cjs|inputs\.json)$/.test(name));
  }

  /** The command, from another directory. */
  keyward(...argv: readonly string[]): Promise<Ended> {
    return this.node([this.path('bin/keyward.cjs'), ...argv]);
  }

  async node(argv: readonly string[], program = process.execPath): Promise<Ended> {
    const child = spawn(program, argv, {
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] },
    });
    const closed = once(child, 'close');
    const [out, err] = await Promise.all([buffer(child.stdout), buffer(child.stderr)]);
    await closed;
    return { code: child.exitCode, out: out.toString(), err: err.toString() };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
