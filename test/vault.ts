import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from '../compile/root';
import { REAL_VAULT } from './contract/vault/vault-under-test';
import { startRealVault, type RealVault } from './vault/start-real-vault';

/**
 * Runs the suites about Vault against a real server in place of the double (`startRealVault` says which).
 */

const SUITES = ['test/contract/vault/', 'test/integration/local/vault.test.ts'];

async function runSuites(vault: RealVault): Promise<number> {
  const projects = ['--selectProjects', 'contract', 'integration'];
  const jest = spawn(process.execPath, [require.resolve('jest/bin/jest'), ...SUITES, ...projects], {
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
    return await runSuites(vault);
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
