import { OUTAGE_DETAILS } from '../../core/contract/problems';
import { CURRENT, PENDING, PREVIOUS } from '../../core/contract/secret-stages';
import { KeywardError } from '../../core/errors/errors';
import { toOutsideFailure } from '../../core/errors/outside-failure';
import type { FirstKekVersion } from '../../core/kek-move/ports/first-kek-version';
import type { KekSecretReplica, KekSecretStore, SecretVersion } from '../../core/kek-rotation/ports/kek-secret-store';
import type { PendingKek } from '../../core/kek-rotation/ports/pending-kek';
import type { FailureLog } from '../../core/ports/failure-log';
import {
  find,
  idOfCurrent,
  NO_VERSIONS,
  parseKekVersions,
  serializeKekVersions,
  withoutPending,
  withVersion,
  type KekVersionsRecord,
} from './kek-versions-record';
import type { Randomness } from '../../core/crypto/randomness';
import { badFile, createPrivateFile, readPrivateFile, replacePrivateFile } from './private-file';

/** Private files: each is replaced whole and durably. */
export interface KekFiles {
  /** @returns undefined if it does not exist */
  readonly read: (path: string) => Promise<string | undefined>;
  readonly replace: (path: string, text: string) => Promise<void>;
  /** @returns false if it exists, and it was not changed */
  readonly create: (path: string, text: string) => Promise<boolean>;
}

/** Private files of this machine. */
export const privateFiles = (randomness: Randomness): KekFiles => ({
  read: readPrivateFile,
  replace: (path, text) => replacePrivateFile(path, text, randomness),
  create: (path, text) => createPrivateFile(path, text, randomness),
});

export interface KekFileStoreOptions {
  /** The KEK file. */
  readonly path: string;
  /** The file with the pending and the previous version. */
  readonly versionsPath: string;
  readonly region: string;
  readonly files: KekFiles;
  readonly failures: FailureLog;
  /** Rejects while nothing may be written to the data directory. */
  readonly assertMayWrite?: () => Promise<void>;
}

/** Both files, read together. */
interface Found {
  readonly text: string;
  readonly record: KekVersionsRecord;
  readonly current: string;
}

/**
 * The KEK secret in two private files: the KEK file has the value of AWSCURRENT and nothing else, as before the KEK rotated; the
 * versions file has the others. The KEK file's replacement is what moves AWSCURRENT, so that a crash at any point leaves the
 * version before or the one after.
 *
 * One process owns the data directory and has one store, whose calls run one after another.
 */
export class KekFileStore implements KekSecretStore, KekSecretReplica, PendingKek, FirstKekVersion {
  readonly region: string;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: KekFileStoreOptions) {
    this.region = deps.region;
  }

  /** Without a KEK file there is no version: nothing was ever current here, or the file is lost. */
  versions(): Promise<readonly SecretVersion[]> {
    return this.alone('read versions', async () => {
      if ((await this.deps.files.read(this.deps.path)) === undefined) return [];
      const { record, current } = await this.read();
      const stages = new Map([[current, [CURRENT]]]);
      const label = (id: string | undefined, stage: string): void => {
        if (id !== undefined) stages.set(id, [...(stages.get(id) ?? []), stage]);
      };
      const before = find(record, current)?.after;
      if (before !== undefined && find(record, before) !== undefined) label(before, PREVIOUS);
      label(record.pending, PENDING);
      return [...stages].map(([versionId, labels]) => ({ versionId, stages: labels }));
    });
  }

  value(versionId: string): Promise<string | undefined> {
    return this.alone('read value', async () => {
      const { text, record, current } = await this.read();
      return versionId === current ? text : find(record, versionId)?.value;
    });
  }

  current(): Promise<{ versionId: string; value: string }> {
    return this.alone('read current', async () => {
      const { text, current } = await this.read();
      return { versionId: current, value: text };
    });
  }

  /** As in Secrets Manager, AWSPENDING leaves another version that has it; that one's value can still be read. */
  putPending(versionId: string, value: string): Promise<'stored' | 'exists'> {
    return this.alone('put pending', async () => {
      const { text, record, current } = await this.read();
      const known = find(record, versionId);
      const stored = versionId === current ? text : known?.value;
      if (stored !== undefined) return stored === value ? 'stored' : 'exists';
      const made = withVersion(withCurrent(record, current, text), {
        ...(known ?? { id: versionId }),
        value,
        after: current,
      });
      await this.write({ ...made, pending: versionId }, current);
      return 'stored';
    });
  }

  moveCurrent(from: string, to: string): Promise<'moved' | 'refused'> {
    return this.alone('move current', async () => {
      const { text, record, current } = await this.read();
      const target = find(record, to);
      if (current !== from || target?.value === undefined) return 'refused';
      const { value } = target;
      const isAlone = record.versions.every((each) => each.id === to || each.value !== value);
      const ready = withVersion(withCurrent(record, current, text), { ...target, after: from });
      const named = isAlone ? ready : { ...ready, moved_to: to };
      // Usually the same as what is stored: the versions file was written for this move with the pending value.
      if (serializeKekVersions(named, current) !== serializeKekVersions(record, current)) {
        await this.write(named, current);
      }
      await this.replace(this.deps.path, value);
      return 'moved';
    });
  }

  removePending(versionId: string): Promise<void> {
    return this.alone('remove pending', async () => {
      const { record, current } = await this.read();
      if (record.pending === versionId) await this.write(withoutPending(record), current);
    });
  }

  begin(versionId: string): Promise<'begun' | 'pending'> {
    return this.alone('begin', async () => {
      const { record, current } = await this.read();
      if (record.pending !== undefined && record.pending !== current) return 'pending';
      await this.write({ ...withVersion(record, { id: versionId }), pending: versionId }, current);
      return 'begun';
    });
  }

  countTry(versionId: string): Promise<number | undefined> {
    return this.alone('count try', async () => {
      const { record, current } = await this.read();
      const known = find(record, versionId);
      if (record.pending !== versionId || known === undefined) return undefined;
      const tries = (known.tries ?? 0) + 1;
      await this.write(withVersion(record, { ...known, tries }), current);
      return tries;
    });
  }

  tries(versionId: string): Promise<number | undefined> {
    return this.alone('read tries', async () => {
      const { record } = await this.read();
      return record.pending === versionId ? (find(record, versionId)?.tries ?? 0) : undefined;
    });
  }

  createFirst(versionId: string, value: string): Promise<boolean> {
    return this.alone('create first', async () => {
      const { path, files, assertMayWrite } = this.deps;
      if ((await files.read(path)) !== undefined) return false;
      // Before the KEK file, which has no id.
      await this.write(withVersion(await this.readVersions(), { id: versionId, value }), versionId);
      await assertMayWrite?.();
      return files.create(path, value);
    });
  }

  /** Runs a call after those before it. A failure of a file becomes `store_unavailable`; the call may have been carried out. */
  private alone<T>(operation: string, call: () => Promise<T>): Promise<T> {
    const result = this.last.then(call).catch((thrown: unknown) => {
      if (thrown instanceof KeywardError && thrown.code !== 'configuration_invalid') throw thrown;
      const { region, failures } = this.deps;
      const failed = Object.assign(new Error('the call failed'), { name: 'UnusableAnswer' });
      const outside = toOutsideFailure({ service: 'KEK file', operation, region }, failed);
      failures.note(outside);
      throw new KeywardError('store_unavailable', OUTAGE_DETAILS.noAnswerOf('the KEK file'), undefined, outside);
    });
    this.last = result.catch(() => undefined);
    return result;
  }

  private async read(): Promise<Found> {
    const { path, files } = this.deps;
    const text = await files.read(path);
    if (text === undefined) throw badFile(path, 'does not exist');
    const record = await this.readVersions();
    return { text, record, current: idOfCurrent(record, text) };
  }

  private async readVersions(): Promise<KekVersionsRecord> {
    const { versionsPath, files } = this.deps;
    const text = await files.read(versionsPath);
    return text === undefined ? NO_VERSIONS : parse(versionsPath, text);
  }

  private write(record: KekVersionsRecord, current: string): Promise<void> {
    return this.replace(this.deps.versionsPath, serializeKekVersions(record, current));
  }

  private async replace(path: string, text: string): Promise<void> {
    await this.deps.assertMayWrite?.();
    await this.deps.files.replace(path, text);
  }
}

/** Keeps the text of the current version, which the next move takes out of the KEK file. */
const withCurrent = (record: KekVersionsRecord, current: string, text: string): KekVersionsRecord =>
  withVersion(record, { ...(find(record, current) ?? { id: current }), value: text });

function parse(path: string, text: string): KekVersionsRecord {
  const record = parseKekVersions(text);
  if (record !== undefined) return record;
  throw badFile(
    path,
    'is damaged: restore it from a backup, or move it away; it has no KEK that stored data needs, and a pending rotation begins anew',
  );
}

/**
 * Checks that the versions file, if it exists, can be read.
 *
 * @throws KeywardError `configuration_invalid`, one sentence with the path. Nothing is written.
 */
export async function checkKekVersionsFile(path: string): Promise<void> {
  const text = await readPrivateFile(path);
  if (text !== undefined) parse(path, text);
}
