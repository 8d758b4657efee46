import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from '../compile/root';
import { isRecord } from '../lambdas/core/crypto/record-checks';
import { REAL_VAULT } from './contract/vault/vault-under-test';

/**
 * Runs the suites about Vault against a real server in place of the double: the one at `VAULT_ADDR`, of which `VAULT_TOKEN` is a
 * root token, or one that `VAULT_BINARY` starts, a command that prints a line of JSON with `address` and `root_token`.
 */

interface Server {
  readonly address: string;
  readonly token: string;
}

const SUITES = ['test/contract/vault/', 'test/integration/local/vault.test.ts'];

async function startProgram(program: string): Promise<{ readonly child: ChildProcess; readonly server: Server }> {
  const child = spawn(program, [], { stdio: ['ignore', 'pipe', 'ignore'] });
  process.once('exit', () => child.kill('SIGKILL'));
  let output = '';
  const ended = once(child, 'exit').then(() => {
    throw new Error('the program of VAULT_BINARY ended without a line of JSON with address and root_token');
  });
  for (;;) {
    const [chunk] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer];
    output += chunk.toString('utf8');
    if (!output.includes('\n')) continue;
    const line: unknown = JSON.parse(output.slice(0, output.indexOf('\n')));
    if (!isRecord(line)) throw new Error('the program of VAULT_BINARY printed no JSON object');
    return { child, server: { address: String(line['address']), token: String(line['root_token']) } };
  }
}

async function runSuites({ address, token }: Server): Promise<number> {
  const projects = ['--selectProjects', 'contract', 'integration'];
  const jest = spawn(process.execPath, [require.resolve('jest/bin/jest'), ...SUITES, ...projects], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, [REAL_VAULT.address]: address, [REAL_VAULT.token]: token },
  });
  const [code] = (await once(jest, 'exit')) as [number | null];
  return code ?? 1;
}

async function main(): Promise<number> {
  const { VAULT_ADDR: address, VAULT_TOKEN: token, VAULT_BINARY: program } = process.env;
  if (address && token) return runSuites({ address, token });
  if (program) {
    const { child, server } = await startProgram(program);
    try {
      return await runSuites(server);
    } finally {
      child.kill('SIGKILL');
    }
  }
  console.log('SKIPPED: neither VAULT_ADDR with VAULT_TOKEN nor VAULT_BINARY is set');
  return 0;
}

main().then(
  (code) => process.exit(code),
  (thrown: unknown) => {
    console.error(thrown instanceof Error ? thrown.message : 'test:vault failed');
    process.exit(1);
  },
);
