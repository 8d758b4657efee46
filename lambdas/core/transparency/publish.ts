import type { Clock } from '../ports/clock';
import { isSameTree, planRange } from './decide-range';
import { indexPath } from './event-index';
import type { Checked, LogFault } from './log-fault';
import { tilePath } from './log-tile';
import type { ComparedValue, ReadValue } from './ports/compared-value';
import type { LogObject } from './tree-appender';
import type { PublisherState } from './publisher-state';
import {
  cosignAgain,
  readPublished,
  signTree,
  writePublished,
  type LogSigners,
  type PublishedCheckpoint,
} from './published-checkpoint';
import { readRightEdge } from './right-edge';
import { openState, signState } from './signed-state';
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
 * @throws what a port throws; the next run goes on
 */
export async function publish(dependencies: PublishDependencies): Promise<Checked<Published>> {
  const total: RangeCounts = { added: 0, repeated: 0, foreign: 0, malformed: 0 };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const published = await readPublished(dependencies.checkpoints, dependencies.signers);
    if (published.fault !== undefined) return published;
    const stored = await dependencies.state.read();
    const state = stored && openState(stored.bytes, dependencies.signers.log);
    if (state?.fault !== undefined) return state;
    const step = await advance(dependencies, published.value, { state: state?.value, read: stored }, total);
    if (step === 'again') continue;
    if (step !== undefined) return { fault: step };
    return { value: { size: published.value.tree.size, counts: total } };
  }
  return { fault: 'publisher_contended' };
}

interface Held {
  readonly state: PublisherState | undefined;
  readonly read: ReadValue | undefined;
}

/** One step: finish a decision, make one, or cosign, which is the last. */
async function advance(
  dependencies: PublishDependencies,
  published: PublishedCheckpoint,
  { state, read }: Held,
  total: RangeCounts,
): Promise<'again' | LogFault | undefined> {
  if (state === undefined && published.tree.size > 0) return 'state_mismatch';
  if (state !== undefined && !isSameTree(state.tree, published.tree)) {
    // A run that read the checkpoint before another one wrote it sees the same: then the checkpoint is another by now.
    if (!isSameTree(state.previous, published.tree)) {
      return (await isStale(dependencies.checkpoints, published)) ? 'again' : 'state_mismatch';
    }
    return (await finish(dependencies, published, state)) ?? 'again';
  }
  const { archive, clock, maxObjects } = dependencies;
  const plan = await planRange(archive, state, { now: clock.now(), maxObjects });
  if (plan === undefined) return cosignPublished(dependencies, published);
  const walked = await walk(dependencies, published, plan, () => Promise.resolve());
  if (walked.fault !== undefined) return walked.fault;
  const decision = { ...plan, previous: published.tree, tree: walked.value.tree };
  if (await dependencies.state.write(await signState(decision, dependencies.signers.log), read)) {
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
  range: Pick<PublisherState, 'range' | 'objects'>,
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
  const { store, checkpoints, signers, clock } = dependencies;
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
  await writePublished(checkpoints, note, published);
  return undefined;
}

/** Cosigns the newest checkpoint, or signs that of the empty log. */
async function cosignPublished(
  { checkpoints, signers, clock }: PublishDependencies,
  published: PublishedCheckpoint,
): Promise<'again' | LogFault | undefined> {
  const time = seconds(clock);
  if (published.note !== undefined && time <= published.cosignedAt) return undefined;
  const note =
    published.note === undefined
      ? await signTree(signers, published.tree, time)
      : await cosignAgain(signers, published.note, time);
  return (await writePublished(checkpoints, note, published)) ? undefined : 'again';
}

const seconds = (clock: Pick<Clock, 'now'>): number => Math.floor(clock.now() / 1000);
