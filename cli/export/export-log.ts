import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { mapConcurrently } from '../../lambdas/core/ports/map-concurrently';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { archivePath, parseArchivePath } from '../../lambdas/core/transparency/archive-path';
import { parseCheckpoint, type Checkpoint } from '../../lambdas/core/transparency/checkpoint';
import { followHandOvers } from '../../lambdas/core/transparency/follow-hand-overs';
import { KEYS_PATH, parseLogKeys } from '../../lambdas/core/transparency/log-keys';
import { CHECKPOINT_PATH, isLogPath, STATE_PATH } from '../../lambdas/core/transparency/log-path';
import type { LogFiles } from '../../lambdas/core/transparency/ports/log-files';
import { parsePublisherState } from '../../lambdas/core/transparency/publisher-state';
import { parseNote } from '../../lambdas/core/transparency/signed-note';
import { tilePathsOf } from '../../lambdas/core/transparency/tile-paths';
import { formatVerifierKey, isSameKey } from '../../lambdas/core/transparency/verifier-key';
import { apiLogFiles } from '../client/api-log-files';
import { sendWithRetry } from '../client/send-with-retry';
import { CliError, EXIT, usageError } from '../io/cli-error';
import { counted } from '../io/counted';
import { orNotWritten } from '../io/or-not-written';
import { pathExists } from '../io/path-exists';
import { progressDisplay } from '../io/progress-display';
import { systemCode } from '../io/system-code';
import { writeDurably } from '../io/write-durably';
import type { Session } from '../session';
import { policyOfKeys } from '../verify/read-policy';

const OWNER_ONLY = 0o700;
/** What is being written; nothing of a log is named so. */
const UNFINISHED = '.part';
const COMPRESSED = '.gz';
/** Times that a checkpoint may be replaced while it is read. */
const ATTEMPTS = 5;
/** Requests at once. */
const CONCURRENCY = 8;
/** Paths whose objects never change and are not reckoned from the checkpoint. */
const LISTED = ['index/', 'hand-over/', 'archive/'];

/**
 * Copies the log of a region with its archive into a directory, in which it can be verified without the service. What is there
 * already is not read again, so the same command goes on after Ctrl-C or a failure, and later copies what is new. The checkpoint is
 * written last: the directory has what the checkpoint in it needs, whenever the command ends.
 *
 * @throws CliError
 */
export async function exportLog(
  session: Session,
  { directory, region }: { readonly directory: string; readonly region: string | undefined },
): Promise<void> {
  const from = region ?? (await onlyRegion(session));
  const log = apiLogFiles(session, from);
  const { keys, checkpoint, state } = await readHead(log);
  const tree = treeOf(checkpoint);
  await assertContinues(directory, log, { keys, tree });
  await orNotWritten(() => mkdir(join(directory, UNFINISHED), { recursive: true, mode: OWNER_ONLY }));
  const copied = await copyMissing(session, directory, log, { size: tree.size, decided: decidedPaths(state) });
  await orNotWritten(async () => {
    if (state !== undefined) await write(directory, STATE_PATH, state);
    await write(directory, KEYS_PATH, keys);
    await write(directory, CHECKPOINT_PATH, checkpoint);
    await rm(join(directory, UNFINISHED), { recursive: true });
  });
  session.print({ region: from, size: tree.size, files: copied, directory }, { kind: 'object' });
}

interface Head {
  readonly keys: Buffer;
  readonly checkpoint: Buffer;
  readonly state: Buffer | undefined;
}

/** The checkpoint, and the state that was there with it: one that a publisher has just replaced is read again. */
async function readHead(log: LogFiles): Promise<Head> {
  const keys = await log.read(KEYS_PATH);
  let checkpoint = await log.read(CHECKPOINT_PATH);
  let state: Buffer | undefined;
  for (let attempt = 0; attempt < ATTEMPTS && checkpoint !== undefined; attempt += 1) {
    state = await log.read(STATE_PATH);
    const after = await log.read(CHECKPOINT_PATH);
    if (after?.equals(checkpoint) === true) break;
    checkpoint = after;
  }
  if (keys === undefined || checkpoint === undefined)
    throw new CliError(EXIT.notFound, 'log_object_not_found', 'nothing was published in this region yet');
  return { keys, checkpoint, state };
}

async function onlyRegion(session: Session): Promise<string> {
  const { checkpoints } = await sendWithRetry(session, { method: 'GET', path: '/v1/audit/checkpoints' });
  const rows = Array.isArray(checkpoints) ? checkpoints.filter(isRecord) : [];
  const regions = rows.map(({ region }) => region).filter((each) => typeof each === 'string');
  const [first] = regions;
  if (first === undefined) throw noLog();
  if (regions.length > 1)
    throw usageError('--log-region: several regions have a log, and a directory holds one of them');
  return first;
}

function treeOf(bytes: Buffer): Checkpoint {
  const note = parseNote(bytes);
  const checkpoint = note.value && parseCheckpoint(note.value.text);
  if (checkpoint?.value === undefined) throw noLog();
  return checkpoint.value;
}

/** Whether the keys of an earlier copy have handed over to those that the log has now. */
async function isHandedOver(log: LogFiles, before: Buffer, now: Buffer): Promise<boolean> {
  const [old, current] = [parseLogKeys(before).value, parseLogKeys(now).value];
  const trusted = old && policyOfKeys([formatVerifierKey(old.log), formatVerifierKey(old.cosigner)]);
  if (trusted === undefined || current === undefined) return false;
  const { policy } = await followHandOvers(log, trusted);
  return policy.logs.some(({ key }) => isSameKey(key, current.log));
}

/** What was copied before is evidence: neither another log nor an earlier state of this one takes its place. */
async function assertContinues(
  directory: string,
  log: LogFiles,
  { keys, tree: { size } }: { readonly keys: Buffer; readonly tree: Checkpoint },
): Promise<void> {
  const known = await readIfThere(join(directory, KEYS_PATH));
  if (known?.equals(keys) === false && !(await isHandedOver(log, known, keys)))
    throw usageError(
      '--log: the directory has a log with other keys; a log of new keys goes into a directory of its own',
    );
  const before = await readIfThere(join(directory, CHECKPOINT_PATH));
  if (before !== undefined && treeOf(before).size > size)
    throw new CliError(
      EXIT.unexpected,
      'log_went_back',
      'the log has fewer entries than the one in the directory, which was not changed; run keyward audit verify',
    );
}

/** The archive objects of the last decision: what grows is listed as it is now, and can still be read as it was then. */
function decidedPaths(state: Buffer | undefined): readonly string[] {
  const line = state?.subarray(0, state.indexOf('\n'));
  const { value } = line === undefined ? {} : parsePublisherState(line);
  return value === undefined ? [] : [...value.objects, ...value.used].map(archivePath);
}

interface Needed {
  readonly size: number;
  readonly decided: readonly string[];
}

async function copyMissing(
  session: Session,
  directory: string,
  log: LogFiles,
  { size, decided }: Needed,
): Promise<number> {
  const display = progressDisplay(session);
  let copied = 0;
  let hasFailed = false;
  const copy = async (path: string): Promise<void> => {
    session.throwIfInterrupted();
    const name = fileOf(path);
    // The others end with it.
    if (hasFailed || (await orNotWritten(() => pathExists(join(directory, ...name.split('/')))))) return;
    const bytes = await log.read(path);
    // Listed, and expired or replaced since.
    if (bytes === undefined) return;
    await orNotWritten(() => write(directory, name, name === path ? bytes : gzipSync(bytes)));
    copied += 1;
    const detail = `${counted(copied, 'file')} copied`;
    display.show({ bar: (columns) => detail.slice(0, columns), code: 'progress', detail, milestone: '' });
  };
  try {
    for (const prefix of LISTED) {
      const paths = await log.list(prefix);
      // Before anything has such a name on this machine.
      if (!paths.every((path) => path.startsWith(prefix) && isLogPath(path))) throw noLog();
      await mapConcurrently(paths, CONCURRENCY, copy);
    }
    for (const paths of [[...new Set(decided)], ...tilePathsOf(size)]) await mapConcurrently(paths, CONCURRENCY, copy);
  } catch (thrown) {
    hasFailed = true;
    throw thrown;
  } finally {
    display.clear();
  }
  return copied;
}

const fileOf = (path: string): string => (parseArchivePath(path) === undefined ? path : `${path}${COMPRESSED}`);

async function write(directory: string, name: string, bytes: Buffer): Promise<void> {
  const path = join(directory, ...name.split('/'));
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY });
  await writeDurably(path, bytes, join(directory, UNFINISHED, name.replaceAll('/', '-')));
}

const readIfThere = (path: string): Promise<Buffer | undefined> =>
  orNotWritten(() =>
    readFile(path).catch((thrown: unknown) => {
      if (systemCode(thrown) === 'ENOENT') return undefined;
      throw thrown;
    }),
  );

const noLog = (): CliError =>
  new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply is no part of a published log');
