import { parseKekSecretRecord, readKekSecretRecord, type KekRecord } from '../crypto/kek-keyset';
import { KeywardError } from '../errors/errors';
import { currentOf, pendingOf } from '../kek-rotation/staged-versions';
import type { KekHomeStore } from './kek-move-dependencies';

/** A version of the KEK secret: its id, and its text byte by byte. */
export interface KekCopyOf {
  readonly versionId: string;
  readonly value: string;
}

/**
 * Makes a version of the old home the current one of the target, under the same id. A version that is there already stays. May be
 * repeated, doubled and cut off anywhere.
 *
 * @param name of the target, for messages
 * @throws KeywardError `conflict` if the target holds something that is not an earlier state of this KEK, which stays as it is;
 *   `store_unavailable`
 */
export async function copyKek(target: KekHomeStore, source: KekCopyOf, name: string): Promise<void> {
  const { versionId, value } = source;
  const versions = await target.versions();
  const held = currentOf(versions);
  if (held === undefined) {
    if (!(await target.createFirst(versionId, value))) await assertCopied(target, source, name);
    return;
  }
  if (held === versionId) return assertCopied(target, source, name);
  await assertOurs(target, source, [held, pendingOf(versions)], name);
  if ((await target.putPending(versionId, value)) === 'exists') throw holdsSomethingElse(name);
  if ((await target.moveCurrent(held, versionId)) === 'refused') await assertCopied(target, source, name);
}

/** A refused write may be the retry of one that was made, or another mover's. */
async function assertCopied(target: KekHomeStore, { versionId, value }: KekCopyOf, name: string): Promise<void> {
  const held = currentOf(await target.versions());
  if (held !== versionId || (await target.value(versionId)) !== value) throw holdsSomethingElse(name);
}

/**
 * Passes a target whose current value is an earlier state of this KEK, whatever is pending there: a step of a rotation may have
 * come too late when the KEK was moved away. A placeholder passes if nothing is pending but this copy: another installation may
 * be about to make its first KEK.
 */
async function assertOurs(
  target: KekHomeStore,
  { versionId, value }: KekCopyOf,
  [held, pending]: readonly [string, string | undefined],
  name: string,
): Promise<void> {
  const text = await target.value(held);
  if (text === undefined) throw holdsSomethingElse(name);
  const found = readKekSecretRecord(text);
  if (found === 'kek_damaged') throw holdsSomethingElse(name);
  if (found === 'kek_missing') {
    if (pending !== undefined && pending !== versionId) throw holdsSomethingElse(name);
    return;
  }
  const { primary, keys } = found;
  const source = parseKekSecretRecord(value);
  const common = Object.entries(keys).filter(([id]) => Object.hasOwn(source.keys, id));
  const isSame = common.every(([id, { material }]) => (source.keys[id] as KekRecord).material === material);
  if (!Object.hasOwn(source.keys, primary) || !isSame) throw holdsSomethingElse(name);
}

const holdsSomethingElse = (name: string): KeywardError =>
  new KeywardError(
    'conflict',
    `${name} holds something that is not an earlier state of this KEK, and it was left as it is: give the KEK a place of its own there`,
  );
