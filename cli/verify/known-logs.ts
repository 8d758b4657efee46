import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { decodeCanonicalBase64 } from '../../lambdas/core/crypto/canonical-base64';
import { isCount, isRecord } from '../../lambdas/core/crypto/record-checks';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import type { SeenCheckpoint } from '../../lambdas/core/transparency/check-seen';
import type { Environment } from '../client/connection';
import { usageError, type CliError } from '../io/cli-error';
import { orNotWritten } from '../io/or-not-written';
import { syncDirectory } from '../io/sync-directory';
import { systemCode } from '../io/system-code';

/** What the command remembers of a log: who signed it when it was first verified, and the checkpoint that was verified last. */
export interface KnownLog {
  readonly origin: string;
  /** Verifier keys of the log and of its cosigner; left out where a policy said whom to trust. */
  readonly keys?: readonly [log: string, cosigner: string];
  readonly seen?: SeenCheckpoint;
}

const OWNER_ONLY = 0o600;
const FOLDER_MODE = 0o700;

/**
 * The file of what is known of logs, below `XDG_STATE_HOME` or `~/.local/state` (XDG Base Directory Specification; a relative
 * path there is ignored, as it demands).
 */
export function knownLogsPath(env: Environment): string {
  const { XDG_STATE_HOME: given = '', HOME: home = homedir() } = env;
  const folder = isAbsolute(given) ? given : join(home, '.local', 'state');
  return join(folder, 'keyward', 'verified-logs.json');
}

/**
 * Reads what is known of all logs, by the address or origin of each.
 *
 * @throws CliError `usage` if the file is there and was changed by somebody else: to go on without it would forget what was seen
 */
export async function readKnownLogs(path: string): Promise<ReadonlyMap<string, KnownLog>> {
  const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw usageError(`the file of verified logs cannot be read (${systemCode(thrown)})`);
  });
  if (text === undefined) return new Map();
  const stored = parseStrictJson(text);
  if (!isRecord(stored) || stored['schema'] !== 1 || !isRecord(stored['logs'])) throw changed();
  return new Map(Object.entries(stored['logs']).map(([name, value]) => [name, knownLogOf(value)]));
}

/** Writes what is known of one log, whatever another command has written meanwhile about others. Atomic, durable, mode 0600. */
export function writeKnownLog(path: string, name: string, log: KnownLog): Promise<void> {
  return orNotWritten(async () => {
    const logs = new Map(await readKnownLogs(path)).set(name, log);
    const records = Object.fromEntries([...logs].map(([each, known]) => [each, recordOf(known)]));
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
    const temporary = `${path}.${process.pid}.new`;
    await unlink(temporary).catch(() => undefined);
    const file = await open(temporary, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(`${JSON.stringify({ schema: 1, logs: records })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  });
}

const changed = (): CliError =>
  usageError('the file of verified logs was changed: restore it from a copy, or remove it');

const recordOf = ({ origin, keys, seen }: KnownLog): object => ({
  origin,
  ...(keys !== undefined && { keys }),
  ...(seen !== undefined && {
    seen: {
      size: seen.size,
      root: seen.root.toString('base64'),
      ...(seen.cosignedAt !== undefined && { cosigned_at: seen.cosignedAt }),
    },
  }),
});

function knownLogOf(value: unknown): KnownLog {
  if (!isRecord(value) || typeof value['origin'] !== 'string') throw changed();
  const { origin, keys, seen } = value;
  const known = { origin, ...(keys !== undefined && { keys: keysOf(keys) }) };
  if (seen === undefined) return known;
  if (!isRecord(seen) || !isCount(seen['size'], 0) || typeof seen['root'] !== 'string') throw changed();
  const root = decodeCanonicalBase64(seen['root']);
  const time = seen['cosigned_at'];
  if (root === undefined || (time !== undefined && !isCount(time, 0))) throw changed();
  return { ...known, seen: { size: seen['size'], root, ...(time !== undefined && { cosignedAt: time }) } };
}

function keysOf(value: unknown): readonly [string, string] {
  const [log, cosigner, ...rest] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (typeof log !== 'string' || typeof cosigner !== 'string' || rest.length > 0) throw changed();
  return [log, cosigner];
}
