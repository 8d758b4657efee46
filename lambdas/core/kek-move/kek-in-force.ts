import type { KekHome, KekHomes } from '../contract/kek-homes';
import type { KekKeyset } from '../crypto/kek-keyset';
import { keysUnavailable, toKeywardError } from '../errors/errors';
import type { SecretsProvider } from '../keysets/ports/secrets-provider';
import type { Clock } from '../ports/clock';
import { homeInForce, type KekMoveRecord } from './kek-move-record';
import type { KekHomeReporter } from './ports/kek-home-reporter';
import type { KekMoveReader } from './ports/kek-move-store';

/** Age from which the row is read again. */
const REREAD_AFTER_MS = 60_000;

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
 * homes are equal, so the old one answers for a target that does not. While the row cannot be read, the last known home is used.
 */
export class KekInForce implements SecretsProvider, KekHomeReporter {
  readonly region: string;
  private known: { readonly move: KekMoveRecord | undefined; readonly readAt: number } | undefined;
  private reading: Promise<KekMoveRecord | undefined> | undefined;

  constructor(private readonly deps: KekInForceDependencies) {
    this.region = deps.region;
  }

  async current(): Promise<KekKeyset> {
    return this.read(await this.move(), (secrets) => secrets.current());
  }

  async refresh(): Promise<KekKeyset> {
    return this.read(await this.readMove(), (secrets) => secrets.refresh());
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

  private async read(
    move: KekMoveRecord | undefined,
    take: (secrets: SecretsProvider) => Promise<KekKeyset>,
  ): Promise<KekKeyset> {
    const home = homeInForce(move, this.deps.homes);
    try {
      return await take(this.of(home));
    } catch (thrown) {
      if (move?.state !== 'switched') throw thrown;
      return take(this.of(move.from));
    }
  }

  private async move(): Promise<KekMoveRecord | undefined> {
    const { known } = this;
    if (known !== undefined && Math.abs(this.deps.clock.now() - known.readAt) < REREAD_AFTER_MS) return known.move;
    return this.readMove();
  }

  /** One read for all callers. */
  private readMove(): Promise<KekMoveRecord | undefined> {
    this.reading ??= this.look().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async look(): Promise<KekMoveRecord | undefined> {
    const readAt = this.deps.clock.now();
    try {
      const move = await this.deps.moves.read();
      this.known = { move, readAt };
      return move;
    } catch (thrown) {
      if (this.known === undefined) throw keysUnavailable('no_region_answered', toKeywardError(thrown).outside);
      return this.known.move;
    }
  }
}
