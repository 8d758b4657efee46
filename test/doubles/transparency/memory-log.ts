import type { ArchiveObject, ArchiveSource } from '../../../lambdas/core/transparency/ports/archive-source';
import type { EventArchive } from '../../../lambdas/core/transparency/ports/event-archive';
import type { ComparedValue, ReadValue } from '../../../lambdas/core/transparency/ports/compared-value';
import type { LogSigner } from '../../../lambdas/core/transparency/ports/log-signer';
import type { LogStore } from '../../../lambdas/core/transparency/ports/log-store';
import type { TestSigner } from './test-signer';

/** Carries out one call, which may be held up or fail on either side of its effect. */
export type Through = <T>(call: string, act: () => T) => Promise<T>;

/** By hour, then by the hash of its lines. */
export type ArchivedHours = Map<string, Map<string, Buffer>>;

export function memoryArchive(archive: ArchivedHours, through: Through): ArchiveSource {
  return {
    hours: (from) => through('hours', () => [...archive.keys()].filter((hour) => hour >= (from ?? '')).toSorted()),
    objects: (hour) =>
      through('objects', () =>
        [...(archive.get(hour)?.keys() ?? [])].map((sha256): ArchiveObject => ({ hour, sha256 })),
      ),
    read: ({ hour, sha256 }) => through('read archive', () => archive.get(hour)?.get(sha256)),
  };
}

export function memoryEventArchive(archive: ArchivedHours, through: Through): EventArchive {
  return {
    add: ({ hour, sha256 }, lines) =>
      through('add to archive', () => {
        const objects = archive.get(hour) ?? new Map<string, Buffer>();
        if (!objects.has(sha256)) archive.set(hour, objects.set(sha256, Buffer.from(lines)));
      }),
  };
}

export function memoryLogStore(
  store: Map<string, Buffer>,
  counts: { reads: number; lists: number },
  through: Through,
): LogStore {
  return {
    read: (path) =>
      through('read', () => {
        counts.reads += 1;
        return store.get(path);
      }),
    put: (path, bytes) => through('put', () => void store.set(path, Buffer.from(bytes))),
    create: (path, bytes) =>
      through('create', () => {
        if (store.has(path)) return false;
        store.set(path, Buffer.from(bytes));
        return true;
      }),
    list: (prefix) =>
      through('list', () => {
        counts.lists += 1;
        return [...store.keys()].filter((path) => path.startsWith(prefix));
      }),
  };
}

/** Where a value is kept, so that a test can edit it or put it back. */
export interface ValuePlace {
  readonly get: () => ReadValue | undefined;
  readonly set: (value: ReadValue) => void;
  readonly nextTag: () => string;
}

export function memoryComparedValue(place: ValuePlace, name: string, through: Through): ComparedValue {
  return {
    read: () => through(`read ${name}`, place.get),
    write: (bytes, read) =>
      through(`write ${name}`, () => {
        if (place.get()?.tag !== read?.tag) return false;
        place.set({ bytes, tag: place.nextTag() });
        return true;
      }),
  };
}

/** Signs in memory and notes each message. */
export function memoryLogSigner(signer: TestSigner, signed: string[], through: Through): LogSigner {
  return {
    key: signer.key,
    sign: (message) =>
      through('sign', () => {
        signed.push(message.toString('utf8'));
        return signer.signMessage(message);
      }),
  };
}
