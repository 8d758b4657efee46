import type { KekHome } from '../../lambdas/core/contract/kek-homes';
import type { KekHomeReporter } from '../../lambdas/core/kek-move/ports/kek-home-reporter';
import { noAnswer } from './stores/no-answer';

/** A region's function: says what the given function says. */
export class MemoryHomeReporter implements KekHomeReporter {
  down = false;
  constructor(
    readonly region: string,
    private readonly answer: () => KekHome | Promise<KekHome>,
  ) {}

  async home(): Promise<KekHome> {
    if (this.down) throw noAnswer();
    return this.answer();
  }
}
