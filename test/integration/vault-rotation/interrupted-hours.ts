import { OutsideCalls, type Interruption, type PlannedInterruption } from '../../doubles/stop-the-world';
import { expectNoKekLost, VaultDeployment } from './vault-deployment';

export const INTERRUPTIONS: readonly Interruption[] = ['before', 'after', 'twice', 'repeated'];

/** One hour rotates; in the next one the replica has caught up, and every keyset is rewrapped. */
const HOURS = 2;

/**
 * The hours of a rotation with planned interruptions, the replica lagging behind in the first one. A process that fails is
 * replaced in the next hour. Every keyset opens after each hour and at the end, and no KEK is lost.
 *
 * @returns the number of outside calls while interruptions were possible
 */
export async function surviveHours(plan: readonly PlannedInterruption[]): Promise<number> {
  const deployment = new VaultDeployment();
  const deks = deployment.openAll();
  const calls = new OutsideCalls(plan);
  deployment.lag();
  for (let hour = 0; hour < HOURS + plan.length; hour += 1) {
    await deployment.hour(calls).catch(() => undefined);
    calls.restart();
    expect(deployment.openAll()).toEqual(deks);
    if (hour === 0) deployment.catchUp();
  }
  await deployment.recover(HOURS);
  expect(deployment.openAll()).toEqual(deks);
  expectNoKekLost(deployment);
  expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
  return calls.count;
}
