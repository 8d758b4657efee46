import type { createEnsureKeysets, KeysetStatus } from '../../lambdas/core/kek-rotation/ensure-keysets';
import { isKeysetRecord } from '../../lambdas/core/keysets/keyset-shape';
import type { KeysetReader } from '../../lambdas/core/keysets/ports/keyset-store';
import type { FirstStart } from './first-start';
import type { KeysetMarks } from './keyset-marks';
import { highestVersion } from './remember-versions';

/** Principal of a first start's keysets, in the audit log. */
const LOCAL_SYSTEM = 'keyward:local-start';

export interface PresentKeysetsOptions {
  readonly ensureKeysets: ReturnType<typeof createEnsureKeysets>;
  readonly keysets: KeysetReader;
  readonly marks: KeysetMarks;
  readonly firstStart: FirstStart;
}

/** Checks and creates keysets, and marks existing ones in the data directory; the first keyset ends the first start. */
export class PresentKeysets {
  private readonly present = new Set<string>();

  constructor(private readonly deps: PresentKeysetsOptions) {}

  /** Providers whose keysets this process has seen. */
  get providers(): readonly string[] {
    return [...this.present];
  }

  async ensure(wanted: readonly string[]): Promise<readonly KeysetStatus[]> {
    const { ensureKeysets, keysets, marks, firstStart } = this.deps;
    const statuses = await ensureKeysets(wanted, LOCAL_SYSTEM);
    const usable = statuses.filter(({ status }) => status === 'ready' || status === 'created');
    await marks.mark(usable.map(({ provider }) => provider));
    for (const { provider, status } of usable) {
      this.present.add(provider);
      if (status === 'created') continue;
      const verified = await keysets.get(provider).catch(() => undefined);
      if (isKeysetRecord(verified)) await marks.markVersion(provider, highestVersion(verified));
    }
    if (usable.length > 0) await firstStart.end();
    return statuses;
  }
}
