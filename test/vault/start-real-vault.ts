import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../compile/root';
import { isRecord } from '../../lambdas/core/crypto/record-checks';

/** A real server for the suites, and what only its own program can do. */
export interface RealVault {
  readonly address: string;
  readonly token: string;
  /** Unseals it; left out: it cannot be sealed. */
  readonly unsealKey?: string;
  /** A node that is a standby; left out: there is none. */
  readonly standbyAddress?: string;
  readonly close: () => void;
}

const SOURCES = ['main.go', 'go.mod', 'go.sum'];

/**
 * Finds a real server: the one at `VAULT_ADDR`, of which `VAULT_TOKEN` is a root token; one that the program at `VAULT_BINARY` starts;
 * or one that the program in `test/vault/go` starts, which Go builds once (minutes) and which stays in a cache outside of the
 * repository.
 *
 * @param print says what takes long
 * @returns the reason if there is none
 */
export async function startRealVault(print: (line: string) => void): Promise<RealVault | string> {
  const { VAULT_ADDR: address, VAULT_TOKEN: token, VAULT_UNSEAL_KEY: unsealKey, VAULT_BINARY: program } = process.env;
  if (address && token) {
    return { address, token, ...(unsealKey && { unsealKey }), close: () => undefined };
  }
  if (program) return startProgram(program);
  const built = await buildOnce(print);
  return built === undefined
    ? 'neither VAULT_ADDR with VAULT_TOKEN nor VAULT_BINARY is set, and Go could not build test/vault/go'
    : startProgram(built);
}

/** The program prints a line of JSON with `address` and `root_token`, and may add `unseal_key` and `standby_address`. */
async function startProgram(program: string): Promise<RealVault> {
  // It may end with its standard input, so that it outlives nobody.
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'ignore'] });
  const close = (): void => void child.kill('SIGKILL');
  process.once('exit', close);
  const line = await firstLine(child);
  if (!isRecord(line)) throw new Error('the program that starts Vault printed no JSON object');
  const { unseal_key: unsealKey, standby_address: standbyAddress } = line;
  return {
    address: String(line['address']),
    token: String(line['root_token']),
    ...(typeof unsealKey === 'string' && { unsealKey }),
    ...(typeof standbyAddress === 'string' && { standbyAddress }),
    close,
  };
}

async function firstLine(child: ChildProcess): Promise<unknown> {
  let output = '';
  const ended = once(child, 'exit').then(() => {
    throw new Error('the program that starts Vault ended without a line of JSON with address and root_token');
  });
  for (;;) {
    const [chunk] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [Buffer];
    output += chunk.toString('utf8');
    if (output.includes('\n')) return JSON.parse(output.slice(0, output.indexOf('\n')));
  }
}

/** Undefined if Go is not here or cannot build it; Go has printed why. */
async function buildOnce(print: (line: string) => void): Promise<string | undefined> {
  const directory = join(ROOT, 'test/vault/go');
  const hash = createHash('sha256');
  for (const name of SOURCES) hash.update(readFileSync(join(directory, name)));
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'keyward');
  const program = join(cache, `vault-for-tests-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  print('building HashiCorp Vault for the tests: once, 1 to 25 minutes, some gigabytes of Go’s caches');
  const unfinished = `${program}.${randomBytes(4).toString('hex')}`;
  const startedAt = performance.now();
  const minutes = (): string => ((performance.now() - startedAt) / 60_000).toFixed(1);
  const progress = setInterval(() => {
    print(`still building, after ${minutes()} minutes`);
  }, 30_000);
  try {
    const build = ['build', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', '-o', unfinished, '.'];
    if (!(await succeeds('nice', ['-n', '10', 'go', ...build], directory))) return undefined;
    renameSync(unfinished, program);
    print(`built after ${minutes()} minutes, and kept in the cache folder`);
    return program;
  } finally {
    clearInterval(progress);
  }
}

async function succeeds(command: string, words: readonly string[], cwd: string): Promise<boolean> {
  const child = spawn(command, words, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve(false);
    });
    child.once('exit', (code) => {
      resolve(code === 0);
    });
  });
}
