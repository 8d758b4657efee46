import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileComparedValue } from '../../lambdas/adapters/local/log/file-compared-value';
import { openFileLogStore } from '../../lambdas/adapters/local/log/file-log-store';
import { openKeyFile } from '../../lambdas/adapters/local/log/log-key-files';
import type { LogDisk } from '../../lambdas/adapters/local/log/log-disk';
import { openLogDisk } from '../../lambdas/adapters/local/log/open-log-disk';
import { createSystemRandomness } from '../../lambdas/adapters/system/system-randomness';
import type { ReadValue } from '../../lambdas/core/transparency/ports/compared-value';
import {
  memoryArchive,
  memoryComparedValue,
  memoryEventArchive,
  memoryLogSigner,
  memoryLogStore,
  type ArchivedHours,
  type Through,
} from '../doubles/transparency/memory-log';
import { MemoryLogDisk } from '../doubles/transparency/memory-log-disk';
import { testSigner } from '../doubles/transparency/test-signer';
import { keeps } from './contract';
import {
  archiveSourceContract,
  comparedValueContract,
  eventArchiveContract,
  logSignerContract,
  logStoreContract,
} from './transparency-log.contract';

/** The files of local mode, and the memory ports of the publisher's tests. */

function onDisk<P>(open: (disk: LogDisk) => P): () => { port: P; close: () => void } {
  return () => {
    const parent = mkdtempSync(join(tmpdir(), 'keyward-log-'));
    return {
      port: open(openLogDisk(join(parent, 'log'))),
      close: () => {
        rmSync(parent, { recursive: true });
      },
    };
  };
}

keeps('openFileLogStore, on a disk', logStoreContract, onDisk(openFileLogStore));
keeps('openFileLogStore, in memory', logStoreContract, () => ({ port: openFileLogStore(new MemoryLogDisk()) }));
keeps(
  'fileComparedValue, on a disk',
  comparedValueContract,
  onDisk((disk) => fileComparedValue(disk, 'state')),
);
keeps('fileComparedValue, in memory', comparedValueContract, () => ({
  port: fileComparedValue(new MemoryLogDisk(), 'state'),
}));
keeps(
  'openKeyFile, on a disk',
  logSignerContract,
  onDisk((disk) =>
    openKeyFile(
      {
        disk,
        directory: 'log',
        names: { log: 'log.example', cosigner: 'log.example/c' },
        randomness: createSystemRandomness(),
      },
      'log',
    ),
  ),
);

const through: Through = async (_call, act) => act();

keeps('memoryArchive', archiveSourceContract, () => {
  const archive: ArchivedHours = new Map();
  return {
    port: memoryArchive(archive, through),
    archive: async (hour, bytes) => {
      const sha256 = hash('sha256', bytes, 'hex');
      archive.set(hour, (archive.get(hour) ?? new Map<string, Buffer>()).set(sha256, bytes));
      return { hour, sha256 };
    },
    remove: async ({ hour, sha256 }) => void archive.get(hour)?.delete(sha256),
  };
});

keeps('memoryEventArchive', eventArchiveContract, () => {
  const archive: ArchivedHours = new Map();
  return { port: memoryEventArchive(archive, through), source: memoryArchive(archive, through) };
});

keeps('memoryLogStore', logStoreContract, () => ({
  port: memoryLogStore(new Map(), { reads: 0, lists: 0 }, through),
}));

keeps('memoryComparedValue', comparedValueContract, () => {
  let value: ReadValue | undefined;
  let tags = 0;
  const place = {
    get: () => value,
    set: (written: ReadValue) => {
      value = written;
    },
    nextTag: () => String((tags += 1)),
  };
  return { port: memoryComparedValue(place, 'state', through) };
});

keeps('memoryLogSigner', logSignerContract, () => ({ port: memoryLogSigner(testSigner('log.example'), [], through) }));
