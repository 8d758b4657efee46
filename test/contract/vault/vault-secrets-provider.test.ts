import { createVaultSecretsProvider } from '../../../lambdas/adapters/vault/vault-secrets-provider';
import { VaultKekStore } from '../../../lambdas/adapters/vault/vault-kek-store';
import { AMPLE_MS } from '../../ample-limits';
import { CountingMetrics, TestClock } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { keeps } from '../contract';
import { newWriteId } from '../random-name';
import { nextSecret, secretsProviderContract } from '../secrets-provider.contract';
import { makeRotator, openFor, startVaultUnderTest, type VaultUnderTest } from './vault-under-test';

let vault: VaultUnderTest;
beforeAll(async () => {
  vault = await startVaultUnderTest();
});
afterAll(() => vault.close());

async function open() {
  const clock = new TestClock();
  const rotator = await makeRotator(vault);
  const { access, faults, failures, sent } = await openFor(vault, rotator, clock);
  const { access: other } = await openFor(vault, rotator, new TestClock());
  const [metrics, logger, rival] = [new CountingMetrics(), new RecordingLogger(), new VaultKekStore(other)];
  const first = nextSecret();
  let current = newWriteId();
  await rival.createFirst(current, first);
  const port = createVaultSecretsProvider({ regions: [access], clock, metrics, logger, regionTimeoutMs: AMPLE_MS });
  return {
    port,
    clock,
    metrics,
    failures,
    rotator,
    first,
    store: async (value: string) => {
      const next = newWriteId();
      await rival.putPending(next, value);
      await rival.moveCurrent(current, next);
      current = next;
    },
    answers: async (does: boolean) => {
      if (does) faults.works();
      else faults.readsFail();
    },
    reads: () => sent.filter(({ path }) => path.includes('/data/')).length,
  };
}

keeps('createVaultSecretsProvider', secretsProviderContract, open);

const unavailable = (reason: string): object => ({ code: 'keys_unavailable', reason });

describe('what is at the path', () => {
  it.each(['nothing', 'a deleted version', 'a destroyed version'])('%s: there is no KEK', async (what) => {
    const { port, rotator, metrics, failures } = await open();
    const path = rotator.kekPath.replace('/', '/data/');
    if (what === 'nothing') await vault.admin('DELETE', path.replace('/data/', '/metadata/'));
    else if (what === 'a deleted version') await vault.admin('DELETE', path);
    else await vault.admin('POST', path.replace('/data/', '/destroy/'), { versions: [1] });
    await expect(port.current()).rejects.toMatchObject(unavailable('kek_missing'));
    expect([metrics.of('kek_source_failed'), metrics.of('kek_unusable')]).toStrictEqual([1, 1]);
    expect(failures.noted).toMatchObject([{ service: 'Vault', operation: 'kv read', reason: 'kek_missing' }]);
  });

  it("another writer's value is a damaged KEK, and is not shown", async () => {
    const { port, rotator, failures } = await open();
    const path = rotator.kekPath.replace('/', '/data/');
    await vault.admin('POST', path, {
      options: { cas: 1 },
      data: { password: 'of another program', deep: [[[[[[[[[1]]]]]]]]] },
    });
    await expect(port.current()).rejects.toMatchObject(unavailable('kek_damaged'));
    expect(JSON.stringify(failures.noted)).not.toContain('program');
  });
});

it('a Vault that hangs is left behind at the deadline', async () => {
  const clock = new TestClock();
  const { access, failures } = await openFor(vault, await makeRotator(vault), clock);
  const hanging = { ...access, paths: () => new Promise<never>(() => undefined) };
  const [metrics, logger] = [new CountingMetrics(), new RecordingLogger()];
  const port = createVaultSecretsProvider({ regions: [hanging], clock, metrics, logger, regionTimeoutMs: 20 });
  await expect(port.current()).rejects.toMatchObject(unavailable('no_region_answered'));
  expect(failures.noted).toMatchObject([{ name: 'TimeoutError', kind: 'outage' }]);
  expect(metrics.of('kek_unusable')).toBe(0);
});
