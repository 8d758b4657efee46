import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from '../compile/root';
import { REAL_VAULT } from './contract/vault/vault-under-test';
import { startRealVault, type RealVault } from './vault/start-real-vault';

/**
 * Runs the suites about Vault against a real server in place of the double (`startRealVault` says which); then, one after the other,
 * those that seal it or load it.
 */

const SUITES = [
  'test/contract/vault/',
  'test/integration/cli/kek.test.ts',
  'test/integration/local/vault.test.ts',
  'test/integration/local/vault-bad-input.test.ts',
  'test/integration/vault-setup.test.ts',
  'test/integration/kek-move-functions.test.ts',
];
const ALONE = ['test/integration/vault-faults/'];

async function runSuites(vault: RealVault, suites: readonly string[], ...options: string[]): Promise<number> {
  const projects = ['--selectProjects', 'contract', 'integration'];
  const jest = spawn(process.execPath, [require.resolve('jest/bin/jest'), ...suites, ...projects, ...options], {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      [REAL_VAULT.address]: vault.address,
      [REAL_VAULT.token]: vault.token,
      [REAL_VAULT.unsealKey]: vault.unsealKey ?? '',
      [REAL_VAULT.standbyAddress]: vault.standbyAddress ?? '',
    },
  });
  const [code] = (await once(jest, 'exit')) as [number | null];
  return code ?? 1;
}

async function main(): Promise<number> {
  const vault = await startRealVault((line) => {
    console.log(line);
  });
  if (typeof vault === 'string') {
    console.log(`SKIPPED: ${vault}`);
    return 0;
  }
  try {
    const together = await runSuites(vault, SUITES);
    const alone = await runSuites(vault, ALONE, '--runInBand');
    return together || alone;
  } finally {
    vault.close();
  }
}

main().then(
  (code) => process.exit(code),
  (thrown: unknown) => {
    console.error(thrown instanceof Error ? thrown.message : 'test:vault failed');
    process.exit(1);
  },
);
