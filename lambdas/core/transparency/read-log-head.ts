import type { AuditFinding, AuditFindings } from './audit-finding';
import { followHandOvers, type FollowedHandOvers } from './follow-hand-overs';
import type { Checked, LogFault } from './log-fault';
import { KEYS_PATH, readLogKeys } from './log-keys';
import type { Tree } from './merkle-proof';
import { openCheckpoint, type OpenedCheckpoint } from './open-checkpoint';
import type { LogFiles } from './ports/log-files';
import type { PublisherState } from './publisher-state';
import { openState } from './signed-state';
import type { TrustPolicy } from './trust-policy';
import { formatVerifierKey } from './verifier-key';

/** What a log says of itself, with its signatures verified. */
export interface LogHead extends OpenedCheckpoint {
  /** The bytes of the checkpoint, as they are stored. */
  readonly note: Buffer;
  /** The publisher's last decision, if it fits. Its objects are what the log was made from last. */
  readonly state: PublisherState | undefined;
  readonly handOvers: FollowedHandOvers;
}

/** Publishers may write between two reads. */
const ATTEMPTS = 10;

const CHECKPOINT = 'checkpoint';
const STATE = 'state';

/** Faults of a checkpoint which trusted keys did not sign: somebody else continues the log, or another log stands in its place. */
const FORKS: ReadonlySet<LogFault> = new Set(['log_signature_missing', 'signature_missing', 'checkpoint_origin']);

/**
 * Opens checkpoint, hand-overs, state and keys of a log, and reports what does not fit.
 *
 * @param origin identity of the log that was asked for
 * @returns undefined if there is no checkpoint that the policy accepts: nothing else can be verified then
 */
export async function readLogHead(
  { files, policy, origin }: { readonly files: LogFiles; readonly policy: TrustPolicy; readonly origin: string },
  findings: Pick<AuditFindings, 'add'>,
): Promise<LogHead | undefined> {
  const { note, state } = await readTogether(files);
  if (note === undefined) {
    findings.add({ kind: 'missing', fault: 'checkpoint_missing', path: CHECKPOINT });
    return undefined;
  }
  const handOvers = await followHandOvers(files, policy);
  for (const { path, fault } of handOvers.refused) findings.add({ kind: 'edited', fault, path });
  const opened = openOf(note, handOvers.policy, origin);
  if (opened.fault !== undefined) {
    findings.add({ kind: kindOf(opened.fault), fault: opened.fault, path: CHECKPOINT });
    return undefined;
  }
  const head = { ...opened.value, note, handOvers };
  const decided = openStored(state, head, handOvers.policy);
  if ('kind' in decided) findings.add(decided);
  await checkKeys(files, handOvers.policy, findings);
  return { ...head, state: 'kind' in decided ? undefined : decided.state };
}

function openOf(note: Buffer, policy: TrustPolicy, origin: string): Checked<OpenedCheckpoint> {
  const opened = openCheckpoint(note, policy);
  return opened.fault === undefined && opened.value.checkpoint.origin !== origin
    ? { fault: 'checkpoint_origin' }
    : opened;
}

const kindOf = (fault: LogFault): AuditFinding['kind'] =>
  FORKS.has(fault) ? 'forked' : fault === 'quorum_missing' ? 'missing' : 'edited';

/** Reads checkpoint and state as they were at one moment. */
async function readTogether(
  files: LogFiles,
): Promise<{ readonly note: Buffer | undefined; readonly state: Buffer | undefined }> {
  let note = await files.read(CHECKPOINT);
  let state: Buffer | undefined;
  let isSame = false;
  for (let attempt = 0; !isSame && attempt < ATTEMPTS; attempt += 1) {
    state = await files.read(STATE);
    const again = await files.read(CHECKPOINT);
    isSame = note === undefined ? again === undefined : again?.equals(note) === true;
    note = again;
  }
  return { note, state };
}

const isSameTree = (a: Tree, b: Tree): boolean => a.size === b.size && a.root.equals(b.root);

/** A state that one of the log's keys signed, while it might sign the decision's checkpoint. */
function openStateBy(bytes: Buffer, { logs }: TrustPolicy): Checked<PublisherState> {
  const opened = logs.map(({ key, above, upTo }): Checked<PublisherState> => {
    const state = openState(bytes, { key });
    if (state.fault !== undefined) return state;
    const { size } = state.value.tree;
    return above < size && size <= upTo ? state : { fault: 'signature_missing' };
  });
  return opened.find(({ value }) => value !== undefined) ?? opened[0] ?? { fault: 'state_form' };
}

/** How many entries the log has by the publisher's last decision, as it is now; 0 if there is none that a key of the policy signed. */
export async function readDecidedSize(files: LogFiles, policy: TrustPolicy): Promise<number> {
  const bytes = await files.read(STATE);
  return (bytes && openStateBy(bytes, policy).value?.tree.size) ?? 0;
}

/**
 * A state fits a checkpoint that has its tree, or the tree before it: then the publisher has not finished yet. Others are of another
 * moment: the older one of the two was put back.
 */
function openStored(
  bytes: Buffer | undefined,
  { checkpoint }: OpenedCheckpoint,
  policy: TrustPolicy,
): { readonly state: PublisherState | undefined } | AuditFinding {
  if (bytes === undefined) {
    return checkpoint.size === 0 ? { state: undefined } : { kind: 'missing', fault: 'state_missing', path: STATE };
  }
  const opened = openStateBy(bytes, policy);
  if (opened.fault !== undefined) return { kind: 'edited', fault: opened.fault, path: STATE };
  const state = opened.value;
  if (isSameTree(state.tree, checkpoint) || isSameTree(state.previous, checkpoint)) return { state };
  if (state.tree.size < checkpoint.size) return { kind: 'replayed', fault: 'state_older', path: STATE };
  if (state.previous.size > checkpoint.size) return { kind: 'replayed', fault: 'checkpoint_older', path: CHECKPOINT };
  return { kind: 'forked', fault: 'state_mismatch', path: STATE };
}

/** The file of keys convinces nobody, but who reads it must not be led to others. */
async function checkKeys(files: LogFiles, policy: TrustPolicy, findings: Pick<AuditFindings, 'add'>): Promise<void> {
  const keys = await readLogKeys(files);
  if (keys === undefined) {
    findings.add({ kind: 'missing', fault: 'keys_mismatch', path: KEYS_PATH });
    return;
  }
  const known = [...policy.logs, ...[...policy.witnesses.values()].flatMap((each) => each.keys)].map(({ key }) => key);
  const vkeys = new Set(known.map(formatVerifierKey));
  const names = new Set(known.map(({ name }) => name));
  const stored = keys.value === undefined ? [] : [keys.value.log, keys.value.cosigner];
  // The policy need not have the log's own cosigner.
  const isKnown = stored.every((key) => vkeys.has(formatVerifierKey(key)) || !names.has(key.name));
  const isOurs = stored.some((key) => vkeys.has(formatVerifierKey(key)));
  if (!isKnown || !isOurs) findings.add({ kind: 'edited', fault: keys.fault ?? 'keys_mismatch', path: KEYS_PATH });
}
