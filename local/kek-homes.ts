import type { LocalKekSource } from '../lambdas/core/contract/environment';
import type { KekHome, KekHomes } from '../lambdas/core/contract/kek-homes';
import { LOCAL_REGION } from '../lambdas/core/contract/local-mode';
import { parseKekSecret } from '../lambdas/core/crypto/kek-keyset';
import { toKeywardError } from '../lambdas/core/errors/errors';
import { KekInForce } from '../lambdas/core/kek-move/kek-in-force';
import { homeInForce } from '../lambdas/core/kek-move/kek-move-record';
import type { KekMoveReader } from '../lambdas/core/kek-move/ports/kek-move-store';
import { KekCopy, type KekReadFailure } from '../lambdas/core/keysets/kek-copy';
import type { SecretsProvider } from '../lambdas/core/keysets/ports/secrets-provider';
import { assertKekIsHere, isThere } from './assert-kek-is-here';
import { kekFileHome, openLocalKek, type LocalKek, type OpenLocalKekOptions } from './local-kek';
import { VAULT_KEK_FILE } from './local-names';
import type { AbsentVault } from './vault-kek';

/** Homes of local mode. */
type LocalHome = LocalKekSource;

export interface OpenKekHomesOptions extends OpenLocalKekOptions {
  readonly homes: KekHomes & { readonly home: LocalHome; readonly movingFrom?: LocalHome };
  readonly moves: KekMoveReader;
}

/** The homes of the KEK that the configuration names. */
export interface OpenedKekHomes {
  readonly byHome: Readonly<Partial<Record<KekHome, LocalKek>>>;
  /** The home that is in force now. */
  readonly atStart: LocalKek;
  /** Present if Vault did not answer at this start. */
  readonly away?: AbsentVault;
  /** Reads the KEKs of the home that is in force. */
  readonly secrets: SecretsProvider;
  /** See `createProveKeyset`; left out if one home is configured. */
  readonly secretsOf?: (home: KekHome) => SecretsProvider;
  /** Tells which home this process reads now. */
  readonly reads: () => Promise<KekHome>;
}

/**
 * Opens the home of the KEK, or both during a move. A first start makes the KEK in the home that is in force, and marks a path in
 * Vault that a move goes to as this data directory's.
 *
 * @throws KeywardError `configuration_invalid`, one sentence; nothing is overwritten
 */
export async function openKekHomes(options: OpenKekHomesOptions): Promise<OpenedKekHomes> {
  const { homes, moves, home: directory } = options;
  const { home, movingFrom } = homes;
  const move = await moves.read();
  await assertKekIsHere(directory, homes, move);
  const inForce = homeInForce(move, homes) as LocalHome;
  const atStart = await openLocalKek(forHome(options, inForce));
  if (movingFrom === undefined) {
    const { secrets, away } = atStart;
    const reads = () => Promise.resolve(home);
    return { byHome: { [home]: atStart }, atStart, ...(away && { away }), secrets, reads };
  }
  const other = inForce === home ? movingFrom : home;
  const beside = other === 'local' ? fileBeside(options) : await vaultBeside(options);
  const byHome = { [inForce]: atStart, [other]: beside };
  const secrets = { [inForce]: atStart.secrets, [other]: beside.secrets };
  const reader = new KekInForce({ ...options, region: LOCAL_REGION, secrets });
  const away = atStart.away ?? beside.away;
  const secretsOf = (each: KekHome) => reader.of(each);
  return { byHome, atStart, ...(away && { away }), secrets: reader, secretsOf, reads: () => reader.home() };
}

const forHome = ({ vault, ...rest }: OpenKekHomesOptions, home: LocalHome): OpenLocalKekOptions =>
  home === 'vault' && vault !== undefined ? { ...rest, vault } : rest;

/** The path in Vault beside a KEK file. It is claimed once; what this data directory has not made is refused. */
async function vaultBeside(options: OpenKekHomesOptions): Promise<LocalKek> {
  const isMarked = await isThere(options.home, VAULT_KEK_FILE);
  return openLocalKek({
    ...forHome(options, 'vault'),
    isFirst: !isMarked,
    mayCreate: () => Promise.resolve(true),
  });
}

/** The KEK file beside a path in Vault. It may be missing, or an earlier state of the KEK, so it is read anew for each copy. */
function fileBeside(options: OpenKekHomesOptions): LocalKek {
  const file = kekFileHome(options);
  const read = async () => {
    try {
      return parseKekSecret((await file.store.current()).value);
    } catch (thrown) {
      const { reason } = toKeywardError(thrown);
      const known = reason === 'kek_missing' || reason === 'kek_damaged' ? reason : 'no_region_answered';
      return { reason: known } satisfies KekReadFailure;
    }
  };
  return { ...file, secrets: new KekCopy({ ...options, sources: [{ region: LOCAL_REGION, read }] }) };
}
