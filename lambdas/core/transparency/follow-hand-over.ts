import { parseEntry } from './log-entry';
import type { Checked } from './log-fault';
import { isOwnName } from './log-origin';
import type { TrustedKey, TrustPolicy } from './trust-policy';
import { isSameKey } from './verifier-key';
import { verifyLogProof } from './verify-log-proof';

/**
 * Follows a hand-over of a log's key or of its cosigner's. The new key is trusted on checkpoints that have the entry, the old one
 * up to the checkpoint of the proof and no further: whoever gets hold of a retired key signs nothing new with it. No log hands over
 * the key of an outside witness.
 *
 * @param proof a text of tlog-proof for the entry, with a checkpoint that the keys of the policy signed
 */
export function followHandOver(proof: Buffer, entry: Buffer, policy: TrustPolicy): Checked<TrustPolicy> {
  const proved = verifyLogProof(proof, entry, policy);
  if (proved.fault !== undefined) return proved;
  const parsed = parseEntry(entry);
  if (parsed.fault !== undefined) return parsed;
  if (!('handOver' in parsed.value)) return { fault: 'entry_form' };
  const { from, to } = parsed.value.handOver;
  const { index, checkpoint } = proved.value;
  const witnesses = [...policy.witnesses];
  const known = [...policy.logs, ...witnesses.flatMap(([, { keys }]) => keys)].map(({ key }) => key);
  const isOurs = isOwnName(from.name, checkpoint.origin) && known.some((key) => isSameKey(key, from));
  const isNew = known.every(({ publicKey }) => !publicKey.equals(to.publicKey));
  if (!isOurs || !isNew) return { fault: 'hand_over_keys' };
  const handedOver = (keys: readonly TrustedKey[]): readonly TrustedKey[] =>
    keys.flatMap((trusted) =>
      isSameKey(trusted.key, from)
        ? [
            { ...trusted, upTo: Math.min(trusted.upTo, checkpoint.size) },
            { key: to, above: index, upTo: Infinity },
          ]
        : [trusted],
    );
  return {
    value: {
      ...policy,
      logs: handedOver(policy.logs),
      witnesses: new Map(witnesses.map(([name, { keys }]) => [name, { name, keys: handedOver(keys) }])),
    },
  };
}
