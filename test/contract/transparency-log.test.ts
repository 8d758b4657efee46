import { hash } from 'node:crypto';
import type { ReadValue } from '../../lambdas/core/transparency/ports/compared-value';
import {
  memoryArchive,
  memoryComparedValue,
  memoryLogSigner,
  memoryLogStore,
  type ArchivedHours,
  type Through,
} from '../doubles/transparency/memory-log';
import { testSigner } from '../doubles/transparency/test-signer';
import { keeps } from './contract';
import {
  archiveSourceContract,
  comparedValueContract,
  logSignerContract,
  logStoreContract,
} from './transparency-log.contract';

/** The memory ports of the publisher's tests. */

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
