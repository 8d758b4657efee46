import { parseCheckpoint } from '../../lambdas/core/transparency/checkpoint';
import { readLogKeys } from '../../lambdas/core/transparency/log-keys';
import type { LogFiles } from '../../lambdas/core/transparency/ports/log-files';
import { parseNote } from '../../lambdas/core/transparency/signed-note';
import type { TrustPolicy } from '../../lambdas/core/transparency/trust-policy';
import { formatVerifierKey } from '../../lambdas/core/transparency/verifier-key';
import { CliError, EXIT, usageError } from '../io/cli-error';
import type { KnownLog } from './known-logs';
import { policyOfKeys } from './read-policy';

/** Who decides whose signatures count: a file, the keys of the first verification, or now the log itself. */
export type TrustBasis = 'policy' | 'first keys' | 'first use';

export interface LogTrust {
  readonly basis: TrustBasis;
  readonly origin: string;
  readonly policy: TrustPolicy;
  /** To be remembered; left out where a file decides. */
  readonly keys?: readonly [log: string, cosigner: string];
}

/** The last part of a log's origin. */
const regionOfOrigin = (origin: string): string => origin.slice(origin.lastIndexOf('/') + 1);

/** What a log says that it is; undefined if it says nothing. Nobody vouches for it. */
export async function shownOrigin(files: LogFiles): Promise<string | undefined> {
  const keys = await readLogKeys(files);
  if (keys?.value !== undefined) return keys.value.log.name;
  const bytes = await files.read('checkpoint');
  const note = bytes && parseNote(bytes);
  return note?.value && parseCheckpoint(note.value.text).value?.origin;
}

/**
 * Decides whom to trust about the log of a region: the policy that was given, else the keys of the first verification, else those
 * that the log shows.
 *
 * @param region undefined for a directory: then the log that the policy names, or the only one that is there
 * @throws CliError `usage` if the policy names no such log; `nothing_published` if the log has no keys yet
 */
export async function trustIn(
  files: LogFiles,
  {
    region,
    policy,
    known,
  }: {
    readonly region: string | undefined;
    readonly policy: TrustPolicy | undefined;
    readonly known: KnownLog | undefined;
  },
): Promise<LogTrust> {
  if (policy !== undefined) return { basis: 'policy', policy, origin: await originIn(policy, files, region) };
  const pinned = known?.keys;
  if (known !== undefined && pinned !== undefined) {
    const made = policyOfKeys(pinned);
    if (made === undefined)
      throw usageError('the file of verified logs was changed: restore it from a copy, or remove it');
    return { basis: 'first keys', policy: made, origin: known.origin, keys: pinned };
  }
  const shown = await readLogKeys(files);
  // Keys are made before the first checkpoint.
  const isPublished = (await files.read('checkpoint')) !== undefined;
  if (shown === undefined || !isPublished) throw nothingPublished(region);
  if (shown.fault !== undefined)
    throw new CliError(EXIT.notVerified, 'not_verified', `the log's keys are none (${shown.fault})`);
  const { log, cosigner } = shown.value;
  if (region !== undefined && regionOfOrigin(log.name) !== region) {
    throw new CliError(EXIT.notVerified, 'not_verified', `the log of ${region} shows the keys of another region's log`);
  }
  const keys = [formatVerifierKey(log), formatVerifierKey(cosigner)] as const;
  // Keys that were parsed are keys of a policy.
  return { basis: 'first use', policy: policyOfKeys(keys) as TrustPolicy, origin: log.name, keys };
}

async function originIn(policy: TrustPolicy, files: LogFiles, region: string | undefined): Promise<string> {
  const names = [...new Set(policy.logs.map(({ key }) => key.name))];
  if (region !== undefined) {
    const [origin] = names.filter((name) => regionOfOrigin(name) === region);
    if (origin === undefined) throw usageError(`--policy: names no log of ${region}`);
    return origin;
  }
  const shown = await shownOrigin(files);
  if (shown === undefined) throw nothingPublished(region);
  if (!names.includes(shown)) throw usageError('--policy: names another log than the one in --offline');
  return shown;
}

const nothingPublished = (region: string | undefined): CliError =>
  new CliError(
    EXIT.notFound,
    'nothing_published',
    region === undefined
      ? '--offline: the directory has no published log'
      : `the log of ${region} has no checkpoint yet; keyward audit publish makes the first`,
  );
