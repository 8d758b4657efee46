import type { Clock } from '../ports/clock';
import { isSameTree, planRange, type RangePlan } from './decide-range';
import { indexPath } from './event-index';
import { inheritLog } from './inherit-log';
import { openHeldState, type HeldState } from './held-state';
import { heirOf, planHandOver, proveHandOvers } from './hand-over-log';
import { formatLogKeys, KEYS_PATH, type LogKeys } from './log-keys';
import type { LogStore } from './ports/log-store';
import type { Checked, LogFault } from './log-fault';
import { tilePath } from './log-tile';
import type { ComparedValue, ReadValue } from './ports/compared-value';
import type { LogObject } from './tree-appender';
import type { PublisherState } from './publisher-state';
import { cosignAgain, readPublished, signTree, writePublished, type PublishedCheckpoint } from './published-checkpoint';
import { readRightEdge } from './right-edge';
import { formatNote } from './signed-note';
import { signState } from './signed-state';
import { pairsOf, publicKeysOf, type LogSigners, type SigningPair } from './signing-pair';
import { isSameKey } from './verifier-key';
import { walkRange, type RangeCounts, type RangeDependencies, type WalkedRange } from './walk-range';

export interface PublishDependencies extends RangeDependencies {
  readonly state: ComparedValue;
  readonly checkpoints: ComparedValue;
  readonly signers: LogSigners;
  readonly clock: Pick<Clock, 'now'>;
  /** Archive objects of a range at most. */
  readonly maxObjects: number;
}

/** What a run has published: the log's size, and what became of the lines that it decided about. */
export interface Published {
  readonly size: number;
  readonly counts: RangeCounts;
}

/** Faults that a run sees, too, which another one overtakes. */
const STALE: ReadonlySet<LogFault> = new Set(['state_mismatch', 'hand_over_keys', 'signature_missing']);

/** Times that another publisher may be faster, before this run leaves the work to it. */
const ATTEMPTS = 100;

/**
 * Publishes what the archive has and the log has not, and cosigns the newest checkpoint.
 *
 * Decide, then write: one compare-and-set of the state fixes the archive objects of the next range, in their order, with size and
 * root. Tiles and index follow from that alone, then the checkpoint. A run that finds a decision without its checkpoint finishes it
 * first. So two runs at once, or a crash anywhere, leave one log with each event once.
 *
 * Before it signs it verifies the last checkpoint of its own, reads the right edge of that tree, and hashes the range anew from
 * archive and tiles. A state that the publisher did not sign, that does not extend that checkpoint or says another root, gets no
 * signature but a fault: somebody wrote what only the publisher writes, and an alarm is due.
 *
 * Where the newest keys are others than those that signed the last checkpoint, the old ones hand over first: by a decision of their
 * own, whose checkpoint the old keys sign, with its proofs. Then the new keys sign the same decision and the same checkpoint, and
 * all that follows.
 *
 * @throws what a port throws; the next run goes on
 */
export async function publish(dependencies: PublishDependencies): Promise<Checked<Published>> {
  const total: RangeCounts = { added: 0, repeated: 0, foreign: 0, malformed: 0 };
  const { checkpoints, signers, store } = dependencies;
  let kept: SigningPair | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const published = await readPublished(checkpoints, signers, store);
    if (published.fault !== undefined) return published;
    if (published.value.signers !== kept) await keepKeys(store, publicKeysOf(published.value.signers));
    kept = published.value.signers;
    const stored = await dependencies.state.read();
    const held = stored && openHeldState(stored.bytes, published.value, signers);
    const step =
      held?.fault ?? (await advance(dependencies, published.value, { held: held?.value, read: stored }, total));
    if (step === 'again') continue;
    if (step !== undefined) {
      // A run that read the checkpoint before another one wrote it, and then what that wrote next, has seen no fault.
      if (STALE.has(step) && (await isStale(checkpoints, published.value))) continue;
      return { fault: step };
    }
    return { value: { size: published.value.tree.size, counts: total } };
  }
  return { fault: 'publisher_contended' };
}

/** The public keys beside the log are those of its newest checkpoint. */
async function keepKeys(store: LogStore, publicKeys: LogKeys): Promise<void> {
  const keys = formatLogKeys(publicKeys);
  if ((await store.read(KEYS_PATH))?.equals(keys) !== true) await store.put(KEYS_PATH, keys);
}

/** One step: finish a decision, hand over, make a decision, or cosign, which is the last. */
async function advance(
  dependencies: PublishDependencies,
  published: PublishedCheckpoint,
  { held, read }: { readonly held: HeldState | undefined; readonly read: ReadValue | undefined },
  total: RangeCounts,
): Promise<'again' | LogFault | undefined> {
  const { tree, signers, succession } = published;
  const { state } = held ?? {};
  const newest = dependencies.signers;
  if (state === undefined && tree.size > 0) return 'state_mismatch';
  // Keys that have handed over only finish that: those to which they have were taken away.
  const handOver = state?.handOver ?? [];
  const isGiving = handOver.some(({ from }) => isSameKey(from, signers.log.key));
  if (succession.hasHandedOver(signers.log.key) && !isGiving) return 'hand_over_keys';
  if (held !== undefined && !isSameTree(held.state.tree, tree)) {
    if (!isSameTree(held.state.previous, tree) || held.signers !== signers) return 'state_mismatch';
    return (await finish(dependencies, published, held.state)) ?? 'again';
  }
  if (held !== undefined && isGiving) {
    const heir = heirOf(handOver, pairsOf(newest));
    return heir === undefined ? 'hand_over_keys' : inheritLog(dependencies, { published, held, read, heir });
  }
  if (published.note !== undefined && newest !== signers) {
    return decide(dependencies, published, read, { plan: planHandOver(state, signers, newest), total });
  }
  const { archive, clock, maxObjects } = dependencies;
  const plan = await planRange(archive, state, { now: clock.now(), maxObjects });
  if (plan !== undefined) return decide(dependencies, published, read, { plan, total });
  const isBegun = published.note === undefined && newest !== signers;
  return (await cosignPublished(dependencies, published)) ?? (isBegun ? 'again' : undefined);
}

/** Decides about a range, which the next step finishes. */
async function decide(
  dependencies: PublishDependencies,
  published: PublishedCheckpoint,
  read: ReadValue | undefined,
  { plan, total }: { readonly plan: RangePlan; readonly total: RangeCounts },
): Promise<'again' | LogFault> {
  const walked = await walk(dependencies, published, plan, () => Promise.resolve());
  if (walked.fault !== undefined) return walked.fault;
  const decision = { ...plan, previous: published.tree, tree: walked.value.tree };
  if (await dependencies.state.write(await signState(decision, published.signers.log), read)) {
    for (const name of ['added', 'repeated', 'foreign', 'malformed'] as const) total[name] += walked.value.counts[name];
  }
  return 'again';
}

async function isStale(checkpoints: ComparedValue, { read }: PublishedCheckpoint): Promise<boolean> {
  const now = await checkpoints.read();
  return now?.tag !== read?.tag;
}

async function walk(
  dependencies: PublishDependencies,
  published: PublishedCheckpoint,
  range: Pick<PublisherState, 'range' | 'objects' | 'handOver'>,
  emit: (object: LogObject) => Promise<void>,
): Promise<Checked<WalkedRange>> {
  const edge = await readRightEdge(dependencies.store, published.tree);
  return edge.fault === undefined ? walkRange(dependencies, edge.value, range, emit) : edge;
}

/** Writes what follows from a decision, and its checkpoint last. */
async function finish(
  dependencies: PublishDependencies,
  published: PublishedCheckpoint,
  state: PublisherState,
): Promise<LogFault | undefined> {
  const { store, checkpoints, clock } = dependencies;
  const { signers } = published;
  const put = ({ tile, bytes }: LogObject): Promise<void> => store.put(tilePath(tile), bytes);
  const walked = await walk(dependencies, published, state, put);
  if (walked.fault !== undefined) return walked.fault;
  const { tree, partial, index } = walked.value;
  // It is larger than the published one: it extends that, and is another.
  if (!isSameTree(tree, state.tree)) return 'state_mismatch';
  for (const object of partial) await put(object);
  for (const [minute, table] of index) {
    const bytes = table.sorted();
    const path = indexPath(minute, state.range);
    if (bytes.length === 0 || (await store.create(path, bytes))) continue;
    if ((await store.read(path))?.equals(bytes) !== true) return 'index_mismatch';
  }
  const note = await signTree(signers, tree, seconds(clock));
  // Before the checkpoint: whoever reads an entry that hands over finds its proof.
  const proofs = await proveHandOvers(store, state, formatNote(note));
  if (proofs.fault !== undefined) return proofs.fault;
  for (const { path, bytes } of proofs.value) await store.create(path, bytes);
  await writePublished(checkpoints, note, published);
  return undefined;
}

/** Cosigns the newest checkpoint, or signs that of the empty log. */
async function cosignPublished(
  { checkpoints, clock }: PublishDependencies,
  published: PublishedCheckpoint,
): Promise<'again' | undefined> {
  const { signers } = published;
  const time = seconds(clock);
  if (published.note !== undefined && time <= published.cosignedAt) return undefined;
  const note =
    published.note === undefined
      ? await signTree(signers, published.tree, time)
      : await cosignAgain(signers, published.note, time);
  return (await writePublished(checkpoints, note, published)) ? undefined : 'again';
}

const seconds = (clock: Pick<Clock, 'now'>): number => Math.floor(clock.now() / 1000);
