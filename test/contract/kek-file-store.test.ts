import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KekFileStore } from '../../lambdas/adapters/local/kek-file-store';
import { readPrivateFile, replacePrivateFile } from '../../lambdas/adapters/local/private-file';
import { testRandomness } from '../doubles/memory-ports';
import { RecordingFailures } from '../doubles/recording-failures';
import type { LostWrite } from '../doubles/stores/lost-write';
import { keeps } from './contract';
import { FIRST_VALUE, kekSecretReplicaContract, kekSecretStoreContract } from './kek-secret-store.contract';
import { pendingKekContract } from './pending-kek.contract';

const REGION = 'us-east-1';

/** A data directory of an older release: the KEK file alone. Calls of the store under test may be lost, others not. */
async function open() {
  const home = await mkdtemp(join(tmpdir(), 'kwkekstore-'));
  const path = join(home, 'kek.json');
  const versionsPath = join(home, 'kek-versions.json');
  await writeFile(path, FIRST_VALUE, { mode: 0o600 });
  let lost: LostWrite[] = [];
  let down = { reads: false, writes: false };
  const broken = (): Error => Object.assign(new Error('input/output error'), { code: 'EIO' });
  const whole = {
    read: readPrivateFile,
    replace: (at: string, text: string) => replacePrivateFile(at, text, testRandomness),
  };
  const failures = new RecordingFailures();
  const shared = { path, versionsPath, region: REGION, failures };
  const rival = new KekFileStore({ ...shared, files: whole });
  const port = new KekFileStore({
    ...shared,
    files: {
      read: async (at) => {
        if (down.reads) throw broken();
        return whole.read(at);
      },
      replace: async (at, text) => {
        if (down.writes) throw broken();
        const loss = lost.shift();
        if (loss === undefined) return whole.replace(at, text);
        if (loss.arrives) await whole.replace(at, text);
        await loss.meanwhile?.();
        throw broken();
      },
    },
  });
  const { versionId: first } = await rival.current();
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
});
