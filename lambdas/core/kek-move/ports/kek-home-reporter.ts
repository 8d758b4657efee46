import type { KekHome } from '../../contract/kek-homes';

/** Asks the function of one region, from the home region. */
export interface KekHomeReporter {
  readonly region: string;

  /**
   * Asks which home of the KEK the function reads at this moment.
   *
   * @throws KeywardError `store_unavailable` if it did not answer; `keys_unavailable` if it cannot read the KEK
   */
  home(): Promise<KekHome>;
}
