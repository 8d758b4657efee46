import { MAX_CREDENTIALS_PAGE, MAX_DEK_ROTATIONS_PAGE } from '../../lambdas/core/contract/limits';
import { isKeyShaped } from '../../lambdas/core/contract/key-shaped';
import { PROVIDER_PATTERN } from '../../lambdas/core/contract/names';
import { nameFingerprint } from '../../lambdas/core/crypto/name-fingerprint';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { ApiCall } from '../client/api-call';
import { sendWithRetry } from '../client/send-with-retry';
import type { JsonObject } from '../client/json-object';
import { CliError, EXIT } from '../io/cli-error';
import type { Session } from '../session';
import type { Omission } from './omission';
import type { PackDirectory } from './pack-directory';
import { PackTable } from './pack-table';
import type { Period } from './period';

/** Keys as the API shows them at the time of the pack, and what of it this caller may not read. */
export interface KeysShown {
  /** Undefined if the caller may not read it. */
  readonly kek: JsonObject | undefined;
  readonly keysets: readonly JsonObject[];
  /** Providers whose records were edited. */
  readonly damaged: readonly string[];
  /** Rotations of DEKs that ran in the period, newest first for each provider. */
  readonly rotations: readonly JsonObject[];
  readonly credentials: readonly CredentialCount[];
  readonly omissions: readonly Omission[];
}

/** The stored credentials of a provider. */
export interface CredentialCount {
  readonly provider: string;
  readonly stored: number;
  /** Rows that were edited. */
  readonly damaged: number;
  /** When the key was stored that was not replaced for the longest time; null without credentials. */
  readonly oldest_at: string | null;
}

const VERSION_COLUMNS = [
  'provider',
  'version',
  'state',
  'created_at',
  'promoted_at',
  'superseded_at',
  'grace_until',
  'retired_at',
  'unreferenced_since',
  'destroyed_at',
  'destruction',
];
const ROTATION_COLUMNS = [
  'provider',
  'rotation_id',
  'status',
  'from_version',
  'version',
  'emergency',
  'reason',
  'started_by',
  'started_at',
  'takeover',
  'promoted_at',
  'grace_until',
  'ended_at',
  'regions',
  'unproved_regions',
  'counts',
];
const CREDENTIAL_COLUMNS = [
  'provider',
  'name',
  'key_version',
  'revision',
  'created_at',
  'updated_at',
  'previous',
  'damaged',
];

/**
 * Reads keysets, KEK, rotations and stored credentials, and writes the tables of them. No hint, metadata or value of a credential is
 * among them.
 *
 * @throws CliError
 */
export async function readKeys(session: Session, pack: PackDirectory, period: Period): Promise<KeysShown> {
  const omissions: Omission[] = [];
  const ask = async (what: string, grant: string, call: ApiCall): Promise<JsonObject | undefined> => {
    try {
      return await sendWithRetry(session, call);
    } catch (thrown) {
      if (!(thrown instanceof CliError) || thrown.exitCode !== EXIT.refused) throw thrown;
      omissions.push({ what, where: `made by a caller with the grant ${grant}; this one was refused` });
      return undefined;
    }
  };
  const kek = await ask('The state of the KEK', 'kek', { method: 'GET', path: '/v1/kek' });
  const listed = await ask('States of DEKs, rotations and stored credentials', 'keysets', {
    method: 'GET',
    path: '/v1/providers',
  });
  const keysets = recordsOf(listed?.['providers'] ?? []);
  const damaged = textsOf(listed?.['damaged']);
  const providers = [...keysets.map(({ provider }) => provider), ...damaged];
  if (!providers.every(isProvider)) throw unexpected();
  const versions = await PackTable.create(pack, 'key-versions', VERSION_COLUMNS);
  for (const { provider, versions: each } of keysets)
    for (const version of recordsOf(each)) await versions.add({ provider, ...version });

  const rotations: JsonObject[] = [];
  const credentials: CredentialCount[] = [];
  const rotationTable = await PackTable.create(pack, 'rotations', ROTATION_COLUMNS);
  const credentialTable = await PackTable.create(pack, 'credentials', CREDENTIAL_COLUMNS);
  for (const provider of providers) {
    const path = `/v1/providers/${provider}`;
    await eachPage(
      { method: 'GET', path: `${path}/rotations`, query: { limit: String(MAX_DEK_ROTATIONS_PAGE) } },
      (call) => ask(`Rotations of the DEK of ${provider}`, 'rotations', call),
      async (page) => {
        for (const rotation of recordsOf(page['rotations']).filter((each) => overlaps(each, period))) {
          rotations.push(rotation);
          await rotationTable.add(rotation);
        }
        for (const id of textsOf(page['damaged'])) {
          const rotation = { provider, rotation_id: id, status: 'damaged' };
          rotations.push(rotation);
          await rotationTable.add(rotation);
        }
      },
    );
    const count = { stored: 0, damaged: 0, oldest: undefined as string | undefined };
    const isRead = await eachPage(
      { method: 'GET', path: `${path}/credentials`, query: { limit: String(MAX_CREDENTIALS_PAGE) } },
      (call) => ask(`Stored credentials of ${provider}`, `manage-credentials for ${provider}`, call),
      async (page) => {
        for (const { name, updated_at: at, previous, ...rest } of recordsOf(page['credentials'])) {
          count.stored += 1;
          if (typeof at === 'string' && (count.oldest === undefined || at < count.oldest)) count.oldest = at;
          const kept = isRecord(previous) ? previous['expires_at'] : null;
          await credentialTable.add({ ...rest, name: shownName(name), updated_at: at, previous: kept });
        }
        for (const name of textsOf(page['damaged'])) {
          count.damaged += 1;
          await credentialTable.add({ provider, name: shownName(name), damaged: true });
        }
      },
    );
    if (isRead)
      credentials.push({ provider, stored: count.stored, damaged: count.damaged, oldest_at: count.oldest ?? null });
  }
  return { kek, keysets, damaged, rotations, credentials, omissions };
}

/** @returns false if the caller may not read the list */
async function eachPage(
  call: ApiCall,
  ask: (call: ApiCall) => Promise<JsonObject | undefined>,
  take: (page: JsonObject) => Promise<void>,
): Promise<boolean> {
  let cursor: string | undefined;
  do {
    const page = await ask({ ...call, query: { ...call.query, ...(cursor !== undefined && { cursor }) } });
    if (page === undefined) return false;
    await take(page);
    const next = page['next_cursor'];
    if (next !== undefined && next === cursor) throw unexpected();
    cursor = typeof next === 'string' ? next : undefined;
  } while (cursor !== undefined);
  return true;
}

/** Whether a rotation ran at any time of the period. */
const overlaps = ({ started_at: start, ended_at: end }: JsonObject, { from, to }: Period): boolean =>
  typeof start === 'string' && start <= to && (typeof end !== 'string' || end >= from);

const isProvider = (value: unknown): value is string => typeof value === 'string' && PROVIDER_PATTERN.test(value);

/** A name that looks like an API key may be one that was typed by mistake. */
const shownName = (name: unknown): string => (isKeyShaped(String(name)) ? nameFingerprint(String(name)) : String(name));

function recordsOf(value: unknown): readonly JsonObject[] {
  if (!Array.isArray(value) || !value.every(isRecord)) throw unexpected();
  return value;
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

const unexpected = (): CliError =>
  new CliError(EXIT.unexpected, 'unexpected_reply', 'a reply does not seem to come from Keyward');
