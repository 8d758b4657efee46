import { hash } from 'node:crypto';
import { fileComparedValue } from '../../../../lambdas/adapters/local/log/file-compared-value';
import { openFileLogStore } from '../../../../lambdas/adapters/local/log/file-log-store';
import { openLogKeyFiles } from '../../../../lambdas/adapters/local/log/log-key-files';
import { createSystemRandomness } from '../../../../lambdas/adapters/system/system-randomness';
import { parseLogKeys } from '../../../../lambdas/core/transparency/log-keys';
import { publish } from '../../../../lambdas/core/transparency/publish';
import { EFFORT } from '../../../effort';
import { MemoryLogDisk, type Loss } from '../../../doubles/transparency/memory-log-disk';
import { memoryArchive, type ArchivedHours } from '../../../doubles/transparency/memory-log';
import { auditLog, policyOf } from '../../transparency/published-log';
import { HOUR_MS, linesOf, ORIGIN, REGION, START } from '../../transparency/publisher-world';

const FIRST = linesOf(40, 70);
const SECOND = linesOf(60, 75);
const ALL = linesOf(40, 75);
/** Every call at full effort. */
const STRIDE = EFFORT < 1 ? 3 : 1;
const INDEX_RECORD_BYTES = 22;
const LOSSES: readonly Loss[] = ['kept', 'lost', 'torn'];

function archived(): { archive: ArchivedHours; add: (lines: readonly string[], now: number) => void } {
  const archive: ArchivedHours = new Map();
  return {
    archive,
    add: (lines, now) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8');
      const hour = new Date(now).toISOString().slice(0, 13);
      archive.set(hour, (archive.get(hour) ?? new Map<string, Buffer>()).set(hash('sha256', bytes, 'hex'), bytes));
    },
  };
}

function run(disk: MemoryLogDisk, archive: ArchivedHours, now: number) {
  const names = { log: ORIGIN, cosigner: `${ORIGIN}/cosigner` };
  const signers = openLogKeyFiles({ disk, directory: 'log', names, randomness: createSystemRandomness() });
  const store = openFileLogStore(disk);
  return publish({
    archive: memoryArchive(archive, async (_call, act) => act()),
    store,
    region: REGION,
    state: fileComparedValue(disk, 'state'),
    checkpoints: fileComparedValue(disk, 'checkpoint', () => store.flush()),
    signers,
    clock: { now: () => now },
    maxObjects: 10,
  });
}

/** What a power cut or a fault leaves behind, and what the log was before. */
async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    expect((thrown as { code?: unknown }).code).toMatch(/^E(IO|NOSPC)$/);
  }
}

/** Finishes the log, and audits it with the checkpoint of before. */
async function holds(disk: MemoryLogDisk, archive: ArchivedHours): Promise<void> {
  const before = disk.read('checkpoint');
  const { value, fault } = await run(disk, archive, START + 3 * HOUR_MS);
  expect(fault).toBeUndefined();
  expect(value?.size).toBe(ALL.length);
  const keys = parseLogKeys(disk.read('keys')!).value!;
  const checkpoints = [before, disk.read('checkpoint')].filter((bytes) => bytes !== undefined);
  // What a power cut can still take is no part of a checkpoint.
  const { files } = disk.afterPowerCut('lost');
  const ids = await auditLog({ store: new Map(files), checkpoints }, ALL, policyOf(keys.log, keys.cosigner));
  expect(ids).toHaveLength(ALL.length);
  const indexed = [...files].filter(([path]) => path.startsWith('index/')).map(([, { length }]) => length);
  expect(indexed.reduce((sum, length) => sum + length, 0)).toBe(ALL.length * INDEX_RECORD_BYTES);
}

async function history(disk: MemoryLogDisk, archive: ReturnType<typeof archived>): Promise<void> {
  archive.add(FIRST, START);
  await run(disk, archive.archive, START);
  archive.add(SECOND, START + HOUR_MS);
  await run(disk, archive.archive, START + HOUR_MS);
}

test('one log with each event once, after a power cut at every call', async () => {
  const whole = new MemoryLogDisk();
  await history(whole, archived());
  expect(whole.calls.length).toBeGreaterThan(40);
  for (let stopAt = 0; stopAt < whole.calls.length; stopAt += STRIDE) {
    const disk = new MemoryLogDisk();
    const archive = archived();
    disk.stopAt = stopAt;
    await attempt(() => history(disk, archive));
    archive.add(FIRST, START);
    archive.add(SECOND, START + HOUR_MS);
    for (const loss of LOSSES) await holds(disk.afterPowerCut(loss), archive.archive);
  }
});

test('one log with each event once, after every call has failed once, in the same process', async () => {
  const whole = new MemoryLogDisk();
  await history(whole, archived());
  for (let call = 1; call <= whole.calls.length; call += STRIDE) {
    const disk = new MemoryLogDisk();
    const archive = archived();
    disk.failAt = { call, code: 'ENOSPC' };
    await attempt(() => history(disk, archive));
    archive.add(FIRST, START);
    archive.add(SECOND, START + HOUR_MS);
    await holds(disk, archive.archive);
  }
});

test('nothing that a checkpoint needs is torn or lost behind it', async () => {
  const disk = new MemoryLogDisk();
  const archive = archived();
  await history(disk, archive);
  for (const loss of LOSSES) {
    const cut = disk.afterPowerCut(loss);
    expect(cut.files).toEqual(disk.files);
  }
});
