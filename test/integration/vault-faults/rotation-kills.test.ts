import { randomInt } from 'node:crypto';
import { VaultKekStore } from '../../../lambdas/adapters/vault/vault-kek-store';
import { parseKekSecretRecord, type KekSecretRecord } from '../../../lambdas/core/crypto/kek-keyset';
import {
  makeRotator,
  openFor,
  startVaultUnderTest,
  variablesFor,
  type VaultUnderTest,
} from '../../contract/vault/vault-under-test';
import { TestClock } from '../../doubles/memory-ports';
import { runs } from '../../effort';
import { until } from '../../until';
import { LocalProcess, temporaryHome } from '../local/local-process';
import { startKillingProxy, type KillingProxy } from './killing-proxy';

/** `npm start` with the KEK in Vault, killed at random requests of its rotations. `npm run test:vault` does it 20 times. */

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const KEY = 'sk-example-not-a-real-key';
const openai = '/v1/providers/openai';
/** More requests to Vault than a rotation makes: it looks for a version from the newest one back, through all that KV keeps. */
const REQUESTS = 160;

let vault: VaultUnderTest;
let proxy: KillingProxy;
let home: string;
let remove: () => void;
let server: LocalProcess | undefined;
beforeAll(async () => {
  vault = await startVaultUnderTest();
  proxy = await startKillingProxy(vault.address);
  ({ home, remove } = temporaryHome());
});
afterAll(async () => {
  await server?.stop('SIGKILL');
  await proxy.close();
  await vault.close();
  remove();
});

test('rotations, each killed at a random request: no KEK is lost, and every token opens', async () => {
  const rounds = vault.isReal ? 20 : runs(2, 1);
  const rotator = await makeRotator(vault);
  const env = { SECRETS_PROVIDER: 'vault', ...(await variablesFor(proxy, rotator)) };
  const start = async (): Promise<LocalProcess> => {
    server = await LocalProcess.start(home, env);
    expect(server.output).toContain('Ctrl-C stops it');
    return server;
  };
  const store = new VaultKekStore((await openFor(vault, rotator, new TestClock())).access);
  const current = async (): Promise<{ readonly versionId: string; readonly record: KekSecretRecord }> => {
    const { versionId, value } = await store.current();
    return { versionId, record: parseKekSecretRecord(value) };
  };
  const expectKept = ({ keys }: KekSecretRecord, { record }: { readonly record: KekSecretRecord }): void => {
    for (const [id, { material }] of Object.entries(keys)) expect(record.keys[id]?.material).toBe(material);
  };

  let running = await start();
  const tokens: string[] = [];
  let [killedPending, killedAfterMove] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    const sealed = await running.call('POST', `${openai}/encrypt`, { plaintext: `${KEY}-${round}` });
    tokens.push(String(sealed.body['ciphertext']));
    const before = await current();
    proxy.plan = {
      left: randomInt(1, REQUESTS),
      when: round % 2 === 0 ? 'before' : 'after',
      kill: () => void running.child.kill('SIGKILL'),
    };
    // The reply may be lost with the process.
    await running.call('POST', '/v1/kek/rotate').catch(() => undefined);
    await until('the process is killed, or its rotation is over', async () => {
      const isOver = (await current()).versionId !== before.versionId && proxy.plan !== undefined;
      return isOver || running.child.signalCode !== null;
    });
    await running.stop('SIGKILL');
    proxy.plan = undefined;
    const atKill = await current();
    expectKept(before.record, atKill);
    const labels = (await store.versions()).flatMap(({ stages }) => stages.join('+'));
    if (labels.includes('AWSPENDING')) killedPending += 1;
    if (atKill.versionId !== before.versionId) killedAfterMove += 1;

    running = await start();
    // What was killed before it was announced is asked for again.
    if (atKill.versionId === before.versionId && !labels.includes('AWSPENDING')) {
      expect((await running.call('POST', '/v1/kek/rotate')).status).toBe(202);
    }
    await until('the rotation is over', async () => (await current()).versionId !== before.versionId);
    expectKept(before.record, await current());
    for (const [index, ciphertext] of tokens.entries()) {
      const reply = await running.call('POST', `${openai}/decrypt`, { ciphertext });
      expect([reply.status, reply.body['plaintext']]).toEqual([200, `${KEY}-${index}`]);
    }
  }
  const { body } = await running.call('GET', '/v1/kek');
  expect(body).toMatchObject({ kek_count: rounds + 1, pending: null });
  print(
    `${rounds} rotations of the KEK in Vault, each killed: ${killedPending} while the rotation was pending, ${killedAfterMove} after the new KEK was current, the others before or between; ${tokens.length} tokens open`,
  );
  expect(await running.stop()).toBe(0);
});
