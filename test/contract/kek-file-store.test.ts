import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KekFileStore, privateFiles } from '../../lambdas/adapters/local/kek-file-store';
import { testRandomness } from '../doubles/memory-ports';
import { RecordingFailures } from '../doubles/recording-failures';
import type { LostWrite } from '../doubles/stores/lost-write';
import { keeps } from './contract';
import { firstKekVersionContract } from './first-kek-version.contract';
import { FIRST_VALUE, kekSecretReplicaContract, kekSecretStoreContract } from './kek-secret-store.contract';
import { pendingKekContract } from './pending-kek.contract';

const REGION = 'us-east-1';

/**
 * A data directory of an older release: the KEK file alone, or none. Calls of the store under test may be lost, others not; of the
 * writes of a call the one that counts.
 */
async function openHome({ hasKek }: { readonly hasKek: boolean }) {
  const home = await mkdtemp(join(tmpdir(), 'kwkekstore-'));
  const path = join(home, 'kek.json');
  const versionsPath = join(home, 'kek-versions.json');
  if (hasKek) await writeFile(path, FIRST_VALUE, { mode: 0o600 });
  let lost: LostWrite[] = [];
  let down = { reads: false, writes: false };
  const broken = (): Error => Object.assign(new Error('input/output error'), { code: 'EIO' });
  const whole = privateFiles(testRandomness);
  const losing = async <T>(write: () => Promise<T>): Promise<T> => {
    if (down.writes) throw broken();
    const loss = lost.shift();
    if (loss === undefined) return write();
    if (loss.arrives) await write();
    await loss.meanwhile?.();
    throw broken();
  };
  const failures = new RecordingFailures();
  const shared = { path, versionsPath, region: REGION, failures };
  const rival = new KekFileStore({ ...shared, files: whole });
  const port = new KekFileStore({
    ...shared,
    files: {
      ...whole,
      read: async (at) => {
        if (down.reads) throw broken();
        return whole.read(at);
      },
      replace: (at, text) => (hasKek ? losing(() => whole.replace(at, text)) : whole.replace(at, text)),
      create: (at, text) => losing(() => whole.create(at, text)),
    },
  });
  const first = hasKek ? (await rival.current()).versionId : '';
  return {
    port,
    rival,
    store: rival,
    region: REGION,
    first,
    faults: {
      loseWrites: (...writes: readonly LostWrite[]) => {
        lost = [...writes];
      },
      readsFail: () => {
        down = { ...down, reads: true };
      },
      writesFail: () => {
        down = { ...down, writes: true };
      },
    },
    path,
    versionsPath,
    failures,
    close: () => rm(home, { recursive: true, force: true }),
  };
}

const open = () => openHome({ hasKek: true });
keeps('KekFileStore', firstKekVersionContract, () => openHome({ hasKek: false }));
keeps('KekFileStore', kekSecretStoreContract, open);
keeps('KekFileStore', pendingKekContract, open);
keeps('KekFileStore', kekSecretReplicaContract, open);

describe('beyond the contract', () => {
  it('the KEK file has the current value and nothing else, as an older release reads it', async () => {
    const { port, path, first, close } = await open();
    const second = 'v'.repeat(32);
    await port.begin(second);
    await port.putPending(second, 'second');
    expect(await readFile(path, 'utf8')).toBe(FIRST_VALUE);
    await port.moveCurrent(first, second);
    expect(await readFile(path, 'utf8')).toBe('second');
    await expect(port.value(first)).resolves.toBe(FIRST_VALUE);
    await close();
  });

  it('a first version is written once, under its id, and never over another', async () => {
    const { port, rival, path, first, close } = await open();
    const second = 'v'.repeat(32);
    await expect(port.createFirst(second, 'second')).resolves.toBe(false);
    await expect(rival.current()).resolves.toStrictEqual({ versionId: first, value: FIRST_VALUE });
    await rm(path);
    await expect(port.createFirst(second, 'second')).resolves.toBe(true);
    await expect(rival.current()).resolves.toStrictEqual({ versionId: second, value: 'second' });
    await expect(rival.versions()).resolves.toStrictEqual([{ versionId: second, stages: ['AWSCURRENT'] }]);
    await close();
  });

  it('a KEK file that is gone, and a damaged file of versions, are no answer and stay as they are', async () => {
    const { port, path, versionsPath, failures, close } = await open();
    await writeFile(versionsPath, 'damaged', { mode: 0o600 });
    for (const call of [port.versions(), port.begin('v'.repeat(32)), port.current()]) {
      await expect(call).rejects.toMatchObject({ code: 'store_unavailable', outside: { service: 'KEK file' } });
    }
    expect(await readFile(versionsPath, 'utf8')).toBe('damaged');
    await rm(path);
    await expect(port.current()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(failures.noted).toHaveLength(4);
    await close();
  });
});
