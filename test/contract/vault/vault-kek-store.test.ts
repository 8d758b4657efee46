import { VaultKekStore } from '../../../lambdas/adapters/vault/vault-kek-store';
import { TestClock } from '../../doubles/memory-ports';
import { keeps } from '../contract';
import { firstKekVersionContract } from '../first-kek-version.contract';
import { FIRST_VALUE, kekSecretReplicaContract, kekSecretStoreContract } from '../kek-secret-store.contract';
import { pendingKekContract } from '../pending-kek.contract';
import { newWriteId } from '../random-name';
import { makeRotator, openFor, startVaultUnderTest, type VaultUnderTest } from './vault-under-test';

let vault: VaultUnderTest;
beforeAll(async () => {
  vault = await startVaultUnderTest();
});
afterAll(() => vault.close());

/** A path that was never written; calls of the store under test may be lost, others not. */
async function openEmpty() {
  const rotator = await makeRotator(vault);
  const { access, faults, failures, sent } = await openFor(vault, rotator, new TestClock());
  const { access: other } = await openFor(vault, rotator, new TestClock());
  const [port, rival] = [new VaultKekStore(access), new VaultKekStore(other)];
  return { port, rival, store: rival, region: 'us-east-1', faults, failures, rotator, sent };
}

/** A path with its first version. */
async function open() {
  const under = await openEmpty();
  const first = newWriteId();
  await under.rival.createFirst(first, FIRST_VALUE);
  return { ...under, first };
}

keeps('VaultKekStore', kekSecretStoreContract, open);
keeps('VaultKekStore', pendingKekContract, open);
keeps('VaultKekStore', kekSecretReplicaContract, open);
keeps('VaultKekStore', firstKekVersionContract, openEmpty);

const UNAVAILABLE = { code: 'store_unavailable' };
const dataOf = (path: string, part = 'data'): string => path.replace('/', `/${part}/`);

describe('beyond the contract', () => {
  it('a first version is written once, and never over another', async () => {
    const { port, first } = await open();
    await expect(port.createFirst(newWriteId(), 'another')).resolves.toBe(false);
    await expect(port.current()).resolves.toStrictEqual({ versionId: first, value: FIRST_VALUE });
  });

  it('the text of a keyset comes back byte by byte, whatever Vault does to JSON', async () => {
    const { port } = await open();
    const text = '{"z":1e2,"a":"<é>\\u0041","n":12345678901234567890}';
    const second = newWriteId();
    await port.putPending(second, text);
    await expect(port.value(second)).resolves.toBe(text);
  });

  it('a late move after the path was made anew, with the same number, changes nothing', async () => {
    const { port, rival, first, rotator } = await open();
    const second = newWriteId();
    await rival.putPending(second, 'second');
    await vault.admin('DELETE', dataOf(rotator.kekPath, 'metadata'));
    const third = newWriteId();
    await rival.createFirst(third, 'of somebody else');
    await expect(port.moveCurrent(first, second)).resolves.toBe('refused');
    await expect(port.current()).resolves.toStrictEqual({ versionId: third, value: 'of somebody else' });
  });

  it('versions that KV no longer holds end the chain, and deleted ones are passed over', async () => {
    const { port, first, rotator } = await open();
    const ids = [first];
    for (let count = 0; count < 11; count += 1) {
      const id = newWriteId();
      await port.putPending(id, `value ${count}`);
      await port.moveCurrent(ids.at(-1)!, id);
      ids.push(id);
    }
    await expect(port.value(first)).resolves.toBeUndefined();
    await expect(port.value(ids[2]!)).resolves.toBe('value 1');
    await vault.admin('POST', dataOf(rotator.kekPath, 'destroy'), { versions: [11] });
    await vault.admin('POST', dataOf(`${rotator.kekPath}-pending`, 'destroy'), { versions: [10] });
    await expect(port.value(ids[10]!)).resolves.toBeUndefined();
    await expect(port.value(ids[9]!)).resolves.toBe('value 8');
    expect(await port.versions()).toContainEqual({ versionId: ids[9], stages: ['AWSPREVIOUS'] });
  });

  it('the value of the current and of the pending version is found without a look at older ones', async () => {
    const { port, rival, first, sent } = await open();
    const [second, third] = [newWriteId(), newWriteId()];
    await rival.putPending(second, 'second');
    await rival.moveCurrent(first, second);
    await rival.putPending(third, 'third');
    await expect(port.value(second)).resolves.toBe('second');
    await expect(port.value(third)).resolves.toBe('third');
    expect(sent.filter(({ path }) => path.includes('?version='))).toStrictEqual([]);
    await expect(port.value(first)).resolves.toBe(FIRST_VALUE);
    expect(sent.filter(({ path }) => path.includes('?version='))).not.toStrictEqual([]);
  });

  it.each(['DELETE', 'destroy'])('a current version that is gone (%s) is no answer, and has no label', async (how) => {
    const { port, rotator, first } = await open();
    if (how === 'DELETE') await vault.admin('DELETE', dataOf(rotator.kekPath));
    else await vault.admin('POST', dataOf(rotator.kekPath, 'destroy'), { versions: [1] });
    await expect(port.current()).rejects.toMatchObject({ ...UNAVAILABLE, outside: { name: 'UnusableAnswer' } });
    expect(await port.versions()).toStrictEqual([]);
    const second = newWriteId();
    await port.putPending(second, 'second');
    await expect(port.moveCurrent(first, second)).resolves.toBe('refused');
    await expect(port.createFirst(newWriteId(), 'new')).resolves.toBe(false);
  });

  it("another writer's value is never written over", async () => {
    const { port, rotator, first } = await open();
    for (const [path, cas] of [
      [rotator.kekPath, 1],
      [`${rotator.kekPath}-pending`, 0],
    ] as const) {
      await vault.admin('POST', dataOf(path), { options: { cas }, data: { password: 'of another program' } });
    }
    const second = newWriteId();
    await expect(port.current()).rejects.toMatchObject(UNAVAILABLE);
    await expect(port.moveCurrent(first, second)).resolves.toBe('refused');
    await expect(port.putPending(second, 'second')).rejects.toMatchObject(UNAVAILABLE);
    await expect(port.begin(second)).rejects.toMatchObject(UNAVAILABLE);
    await expect(port.countTry(second)).resolves.toBeUndefined();
    await expect(port.removePending(second)).resolves.toBeUndefined();
    for (const path of [rotator.kekPath, `${rotator.kekPath}-pending`]) {
      const { body } = await vault.admin('GET', dataOf(path));
      expect(body.data).toMatchObject({ data: { password: 'of another program' } });
    }
  });

  it('every write carries the number that was read, and nothing is deleted', async () => {
    const { port, first, sent } = await open();
    const second = newWriteId();
    await port.begin(second);
    await port.countTry(second);
    await port.putPending(second, 'second');
    await port.moveCurrent(first, second);
    await port.removePending(second);
    const writes = sent.filter(({ method, path }) => method !== 'GET' && /\/data\//.test(path));
    expect(writes.map(({ body }) => (body as { options: { cas: number } }).options.cas)).toStrictEqual([0, 1, 2, 1, 3]);
    expect(new Set(sent.map(({ method }) => method))).toStrictEqual(new Set(['GET', 'POST']));
  });

  it('an answer without a number is no answer, and no error has text of Vault', async () => {
    const { port, rotator, failures } = await open();
    await vault.admin('POST', `sys/policies/acl/${rotator.role}`, { policy: 'path "x" { capabilities = ["read"] }' });
    const denied = {
      ...UNAVAILABLE,
      outside: { service: 'Vault', region: 'us-east-1', name: 'VaultPermissionDenied', kind: 'denied' },
    };
    await expect(port.versions()).rejects.toMatchObject(denied);
    expect(JSON.stringify(failures.noted)).not.toMatch(/hvs\.|permission denied/);
  });
});
