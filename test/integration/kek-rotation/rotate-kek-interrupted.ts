import type { OutsideCalls, PlannedInterruption } from '../../doubles/stop-the-world';
import type { KekRotationStep } from '../../../lambdas/core/kek-rotation/rotate-kek';
import { STEPS, type Deployment } from './rotate-kek-deployment';

/** The caller after a failure: repeats the failed step only, or all four from the first, as a reattempted rotation does. */
export type Recovery = 'step' | 'rotation';

export const RECOVERIES: readonly Recovery[] = ['step', 'rotation'];

const LAGGING = 'ap-south-1';
const LAG_MS = 60_000;

/** The outside calls of a rotation under test, and the positions of its steps' callers. */
export interface Interrupted {
  readonly calls: Pick<OutsideCalls, 'count' | 'restart' | 'through'>;
  /** Called before each call and each repetition. */
  readonly at?: (position: string) => void;
}

/**
 * One rotation and the rewrap after it with interruptions, one region's secret lagging behind. Every DEK has to open in every
 * region after every failure and at the end, and no more tries may be needed than there were interruptions.
 *
 * @param deployment with a KEK and keysets, and no messages
 * @returns the number of closed intents outside calls were made
 */
export async function survive(
  deployment: Deployment,
  { calls, at = () => undefined }: Interrupted,
  plan: readonly PlannedInterruption[],
  recovery: Recovery,
): Promise<number> {
  const [before, deks] = [await deployment.currentRecord(), await deployment.openAll()];
  const uncounted = deployment.calls;
  const token = await deployment.startRotation();
  deployment.service.replication.setLag(LAGGING, LAG_MS);
  deployment.calls = calls;
  let triesLeft = plan.filter(({ how }) => how !== 'twice').length;
  const retried = async <T>(position: string, run: () => Promise<T>): Promise<T> => {
    at(position);
    for (;;) {
      try {
        return await run();
      } catch (thrown) {
        if (triesLeft-- === 0) throw thrown;
        calls.restart();
        expect(await deployment.openAll()).toEqual(deks);
      }
    }
  };
  const run = (step: KekRotationStep) => deployment.rotation().run(step, token);

  if (recovery === 'step') for (const step of STEPS) await retried(step, () => run(step));
  else
    await retried('rotation', async () => {
      for (const step of STEPS) await run(step);
    });
  expect(await retried('rewrap too early', () => deployment.rewrap(token))).toBe('not_yet');
  expect(await deployment.openAll()).toEqual(deks);
  deployment.clock.time += LAG_MS;
  for (const [index] of deployment.messages.entries())
    expect(await retried(`rewrap ${index}`, () => deployment.rewrap(token))).toBe('done');

  deployment.calls = uncounted;
  deployment.service.replication.setLag(LAGGING, 0);
  expect((await deployment.current()).versionId).toBe(token);
  const { primary, keys } = await deployment.currentRecord();
  expect(Object.hasOwn(before.keys, primary)).toBe(false);
  for (const [id, { material }] of Object.entries(before.keys)) expect(keys[id]?.material).toBe(material);
  expect(await deployment.openAll()).toEqual(deks);
  for (const provider of deployment.keysets[0]!.records.keys())
    expect(deployment.keyset(provider).kek_id).toBe(primary);
  expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
  return calls.count;
}
