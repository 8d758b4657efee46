import type { LogKeys } from './log-keys';
import type { LogSigner } from './ports/log-signer';

/** A key that signs checkpoints, and one that says when they still were the newest. */
export interface SigningPair {
  readonly log: LogSigner;
  readonly cosigner: LogSigner;
}

/** The keys of a log: those that sign, or shall from the next hand-over on. */
export interface LogSigners extends SigningPair {
  /** Keys before them that can still be opened, oldest first. Left out: none. */
  readonly earlier?: readonly SigningPair[];
}

/** All keys of a log, oldest first; the last ones are the given object itself. */
export function pairsOf(signers: LogSigners): readonly [SigningPair, ...SigningPair[]] {
  const [oldest = signers, ...others] = signers.earlier ?? [];
  return oldest === signers ? [signers] : [oldest, ...others, signers];
}

export const publicKeysOf = ({ log, cosigner }: SigningPair): LogKeys => ({ log: log.key, cosigner: cosigner.key });
