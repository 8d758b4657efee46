import type { KekHome, KekHomes } from '../contract/kek-homes';
import type { KekKeyset } from '../crypto/kek-keyset';
import { keysUnavailable } from '../errors/errors';
import type { SecretsProvider } from '../keysets/ports/secrets-provider';
import type { Clock } from '../ports/clock';
import { homeInForce, type KekMoveRecord } from './kek-move-record';
import type { KekHomeReporter } from './ports/kek-home-reporter';
import type { KekMoveReader } from './ports/kek-move-store';

/** Age from which the row is read again. */
const REREAD_AFTER_MS = 60_000;
/** Pause after a failed read of the row: a dead table would delay each request by its time limit. */
const RETRY_AFTER_MS = 15_000;

/** What is known of the row. `unread`: it was not read so far, and cannot be read now. */
type Known = { readonly move: KekMoveRecord | undefined } | 'unread';

export interface KekInForceDependencies {
  readonly region: string;
  readonly moves: KekMoveReader;
  readonly homes: KekHomes;
  /** Readers of the homes that the configuration names. */
  readonly secrets: Readonly<Partial<Record<KekHome, SecretsProvider>>>;
  readonly clock: Clock;
}

/**
 * Reads the KEKs from the home that is in force while the configuration names two. Between the switch and the end of a move both
 * homes are equal, so the old one answers for a target that does not. While the row cannot be read, the last known home is used; a
 * process that never read it takes the old home, else the target: a KEK that opens a keyset is the right one, wherever it is from,
 * and whoever writes asks the row itself.
 */
export class KekInForce implements SecretsProvider, KekHomeReporter {
  readonly region: string;
  private held: { readonly known: Known; readonly dueAt: number; readonly readAt: number } | undefined;
  private reading: Promise<Known> | undefined;

  constructor(private readonly deps: KekInForceDependencies) {
    this.region = deps.region;
  }

  async current(): Promise<KekKeyset> {
    return this.read(await this.known(), (secrets) => secrets.current());
  }

  async refresh(): Promise<KekKeyset> {
    return this.read(await this.readRow(), (secrets) => secrets.refresh());
  }

  /** Reads row and KEK now. */
  async home(): Promise<KekHome> {
    const home = homeInForce(await this.deps.moves.read(), this.deps.homes);
    await this.of(home).refresh();
    return home;
  }

  /**
   * The reader of one home, in force or not.
   *
   * @throws KeywardError `keys_unavailable` if the configuration does not name it
   */
  of(home: KekHome): SecretsProvider {
    const secrets = this.deps.secrets[home];
    if (secrets === undefined) throw keysUnavailable('no_region_answered');
    return secrets;
  }

  private async read(known: Known, take: (secrets: SecretsProvider) => Promise<KekKeyset>): Promise<KekKeyset> {
    const [first, second] = this.order(known);
    try {
      return await take(this.of(first));
    } catch (thrown) {
      if (second === undefined) throw thrown;
      return take(this.of(second));
    }
  }

  /** The home to read, and the one that answers for it. */
  private order(known: Known): readonly [KekHome, KekHome?] {
    const { homes } = this.deps;
    if (known === 'unread') return [homeInForce(undefined, homes), homes.home];
    const { move } = known;
    return move?.state === 'switched' ? [move.to, move.from] : [homeInForce(move, homes)];
  }

  /** One caller waits for the row; the others go on with what is known. */
  private async known(): Promise<Known> {
    const { held } = this;
    if (held === undefined) return this.readRow();
    const now = this.deps.clock.now();
    // A clock that was set back makes the row due.
    const isDue = now >= held.dueAt || now < held.readAt;
    return isDue && this.reading === undefined ? this.readRow() : held.known;
  }

  /** One read for all callers. */
  private readRow(): Promise<Known> {
    this.reading ??= this.look().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async look(): Promise<Known> {
    const { moves, clock } = this.deps;
    const readAt = clock.now();
    try {
      const known = { move: await moves.read() };
      this.held = { known, readAt, dueAt: readAt + REREAD_AFTER_MS };
      return known;
    } catch {
      const known = this.held?.known ?? 'unread';
      const failedAt = clock.now();
      this.held = { known, readAt: failedAt, dueAt: failedAt + RETRY_AFTER_MS };
      return known;
    }
  }
}
