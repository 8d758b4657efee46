import type { ProofChallenge } from '../../lambdas/core/dek-rotation/dek-proof';
import type { RegionProver } from '../../lambdas/core/dek-rotation/ports/region-prover';
import { noAnswer } from '../doubles/stores/no-answer';
import type { SimulatedProcess, WorkResult } from './simulated-process';

/** A region's function as a process invokes it. */
export const regionProver = (
  process: SimulatedProcess,
  region: string,
  invoke: (challenge: ProofChallenge) => Promise<WorkResult<string>>,
): RegionProver => ({
  region,
  prove: (challenge) =>
    process.call(
      region,
      `prove ${challenge.provider}`,
      async () => {
        const result = await invoke(challenge);
        if (result.kind === 'answered') return result.value;
        throw result.kind === 'threw' ? (result.error as Error) : noAnswer();
      },
      noAnswer,
    ),
});
