import { SECOND_MS } from '../contract/time-units';
import type { Clock } from '../ports/clock';
import { proveHandOvers } from './hand-over-log';
import type { HeldState } from './held-state';
import type { LogFault } from './log-fault';
import type { ComparedValue, ReadValue } from './ports/compared-value';
import type { LogStore } from './ports/log-store';
import { signAsHeir, writePublished, type PublishedCheckpoint } from './published-checkpoint';
import { formatNote } from './signed-note';
import { signState } from './signed-state';
import type { SigningPair } from './signing-pair';

export interface InheritDependencies {
  readonly store: LogStore;
  readonly state: ComparedValue;
  readonly checkpoints: ComparedValue;
  readonly clock: Pick<Clock, 'now'>;
}

interface Inheritance {
  readonly published: PublishedCheckpoint;
  /** The decision by which the old keys have handed over. */
  readonly held: HeldState;
  /** The same as it is stored. */
  readonly read: ReadValue | undefined;
  readonly heir: SigningPair;
}

/**
 * Lets the new keys sign: first the decision by which the old ones have handed over, then its checkpoint. Its tree must end with the
 * hand-over, and so says a checkpoint of the old keys: a state alone convinces nobody.
 */
export async function inheritLog(
  { store, checkpoints, state: states, clock }: InheritDependencies,
  { published, held, read, heir }: Inheritance,
): Promise<'again' | LogFault> {
  const { note } = published;
  const { state, signers } = held;
  if (note === undefined) return 'state_mismatch';
  const proofs = await proveHandOvers(store, state, formatNote(note));
  if (proofs.fault !== undefined) return proofs.fault;
  // Again, because those that were there were written before anybody else could have cosigned the checkpoint.
  for (const { path, bytes } of proofs.value) await store.put(path, bytes);
  if (signers !== heir && !(await states.write(await signState(state, heir.log), read))) return 'again';
  const time = Math.max(Math.floor(clock.now() / SECOND_MS), published.cosignedAt);
  await writePublished(checkpoints, await signAsHeir(heir, note, { before: published.signers, time }), published);
  return 'again';
}
