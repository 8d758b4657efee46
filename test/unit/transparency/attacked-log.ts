import type { Tree } from '../../../lambdas/core/transparency/merkle-proof';
import type { ReadValue } from '../../../lambdas/core/transparency/ports/compared-value';
import type { LogFiles } from '../../../lambdas/core/transparency/ports/log-files';
import {
  verifyAudit,
  type VerifiedAudit,
  type VerifyAuditInput,
} from '../../../lambdas/core/transparency/verify-audit';
import { auditLine, COSIGNER, LOG_KEY, policyOf, type Event } from './audit-world';
import { HOUR_MS, ORIGIN, START } from './publisher-world';

/** All that is stored of a log and of its events, in maps that an attacker edits. */
export interface Stored {
  /** The lines of the archive's objects, by hour and by the name that they have. */
  readonly archive: Map<string, Map<string, Buffer>>;
  /** Tiles, bundles and index. */
  readonly store: Map<string, Buffer>;
  readonly values: { state: ReadValue | undefined; checkpoint: ReadValue | undefined };
  /** The keys, and proofs of hand-overs. */
  readonly others: Map<string, Buffer>;
  /** The events of the table by id, as the API shows them. */
  readonly table: Map<string, Event>;
}

/** Where a log is kept, how it grows there, and how an auditor reads it. */
export interface Ground {
  readonly name: string;
  /** Makes events, which the table has and the archive gets as one batch. */
  happen(lines: readonly string[], now: number): Promise<void>;
  /** Runs the publisher; a fault is what an attack may cause. */
  publish(now: number): Promise<void>;
  /** Returns what is stored. */
  load(): Promise<Stored>;
  /**
   * Puts what is given in the place of what is stored, as somebody does who may write everything.
   *
   * @param before the table that belonged to it before it was edited
   */
  put(stored: Stored, before: Stored['table']): Promise<void>;
  /** What `keyward audit verify` reads. */
  read(now: number): { readonly files: LogFiles; readonly events: AsyncIterable<Event> };
}

/** A log that lived for two hours, to be attacked. */
export interface Scene extends Pick<Stored, 'table' | 'others'> {
  readonly log: Pick<Stored, 'archive' | 'store' | 'values'> & {
    now: number;
    /** Publishes what is stored, with the publisher's own keys. */
    publish(): Promise<void>;
  };
  /** What there was after each of the two publications. */
  readonly shots: readonly Stored[];
  /** The checkpoint that the auditor saw after the first, and after the second one. */
  readonly seen: readonly SeenTree[];
  readonly happen: (lines: readonly string[]) => Promise<void>;
  verify(changed?: Partial<VerifyAuditInput>): Promise<VerifiedAudit>;
}

type SeenTree = Tree & { readonly cosignedAt: number };

/** Batches of two hours, of which some overlap. */
const HOURS = [
  [
    [0, 200],
    [190, 330],
  ],
  [
    [330, 500],
    [500, 620],
  ],
] as const;

export const NUMBER_OF_EVENTS = 620;

function replace<K, V>(map: Map<K, V>, by: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of by) map.set(key, value);
}

export const emptyStored = (): Stored => ({
  archive: new Map(),
  store: new Map(),
  values: { state: undefined, checkpoint: undefined },
  others: new Map(),
  table: new Map(),
});

const copied = ({ archive, store, values, others, table }: Stored): Stored => ({
  archive: new Map(Array.from(archive, ([hour, objects]) => [hour, new Map(objects)])),
  store: new Map(store),
  values: { ...values },
  others: new Map(others),
  table: new Map(table),
});

/** What lived on a ground, made once; each attack has a copy. */
export function attackedLog(ground: Ground): () => Promise<Scene> {
  let lived: ReturnType<typeof live> | undefined;

  async function live() {
    const shots: Stored[] = [];
    const seen: SeenTree[] = [];
    let now = START;
    for (const batches of HOURS) {
      for (const [from, to] of batches) {
        const lines = Array.from({ length: to - from }, (_, at) => auditLine(from + at));
        await ground.happen(lines, now);
      }
      await ground.publish(now);
      const { summary, findings } = await verifyOn(ground, now, { seen });
      expect(findings).toEqual([]);
      seen.push({ ...summary.tree!, cosignedAt: summary.cosignedAt! });
      shots.push(await ground.load());
      now += HOUR_MS;
    }
    return { shots, seen, now };
  }

  return async () => {
    const { shots, seen, now } = await (lived ??= live());
    const stored = copied(shots.at(-1)!);
    let before = new Map(stored.table);
    const log = { ...stored, now, publish: () => through(() => ground.publish(log.now)) };
    /** What the ground's own parts do, they do to what the attacker left. */
    const through = async (act: () => Promise<void>): Promise<void> => {
      await ground.put(stored, before);
      await act();
      const after = await ground.load();
      before = new Map(after.table);
      for (const name of ['archive', 'store', 'others', 'table'] as const)
        replace<string, unknown>(stored[name], after[name]);
      Object.assign(stored.values, after.values);
    };
    return {
      log,
      table: stored.table,
      others: stored.others,
      shots: shots.map(copied),
      seen: seen.map((each) => ({ ...each })),
      happen: (lines) => through(() => ground.happen(lines, log.now)),
      verify: async (changed) => {
        await ground.put(stored, before);
        return verifyOn(ground, log.now, changed);
      },
    };
  };
}

/** Verifies what a ground has, as an auditor does who has seen nothing before. */
export function verifyOn(ground: Ground, now: number, changed: Partial<VerifyAuditInput> = {}): Promise<VerifiedAudit> {
  const policy = policyOf(LOG_KEY, COSIGNER);
  return verifyAudit({ ...ground.read(now), policy, origin: ORIGIN, now, ...changed });
}
