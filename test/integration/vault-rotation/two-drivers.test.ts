import type { VaultRequest } from '../../../lambdas/adapters/vault/vault-transport';
import { intercepted } from '../../doubles/intercepted';
import { Turns } from '../../doubles/turns';
import { byTurns } from '../../turn';
import { expectNoKekLost, NOTHING_BETWEEN, VaultDeployment, type Between } from './vault-deployment';

/** Two processes drive the rotation at once, or one that was given up for dead still writes. */

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const HOURS_TO_RECOVER = 3;

/** What holds whatever the order was: every keyset opens, no KEK is lost, nothing was abandoned, and the rotation gets over. */
async function expectWell(deployment: VaultDeployment, deks: ReadonlyMap<string, string>): Promise<void> {
  expect(deployment.openAll()).toEqual(deks);
  await deployment.recover(HOURS_TO_RECOVER);
  expect(deployment.openAll()).toEqual(deks);
  expectNoKekLost(deployment);
  expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
}

/**
 * The first makes some calls, the second some of its own, then the first goes on to its end, and then the second. The second one
 * rotates once more when the first rotation is over, so that the first driver may be late by a whole rotation.
 */
async function interleave(first: number, second: number): Promise<readonly [number, number]> {
  const deployment = new VaultDeployment();
  const deks = deployment.openAll();
  const turns = new Turns();
  const [one, other] = [0, 1].map((more) => turns.start((between) => deployment.hour(between, more)));
  const calls = [await turns.make(one!, first), await turns.make(other!, second)] as const;
  await turns.make(one!);
  await turns.make(other!);
  await expectWell(deployment, deks);
  return calls;
}

let totals: readonly [number, number];
beforeAll(async () => {
  totals = [(await interleave(1_000, 0))[0], (await interleave(0, 1_000))[1]];
});

test('two drivers, interrupted by each other at every pair of their calls', async () => {
  const [ofFirst, ofSecond] = totals;
  expect(ofFirst).toBeGreaterThan(50);
  expect(ofSecond).toBeGreaterThan(80);
  const all = [...Array(ofFirst).keys()].flatMap((first) =>
    [...Array(ofSecond).keys()].map((second) => [first + 1, second + 1] as const),
  );
  const tried = byTurns(all, 300);
  for (const [first, second] of tried) await interleave(first, second);
  print(`two drivers of a KEK rotation on Vault: ${tried.length} of ${all.length} pairs of interleavings, all well`);
});

test('two drivers that take turns, call by call and in other strides', async () => {
  const strides = [...Array(8).keys()].flatMap((one) => [...Array(8).keys()].map((other) => [one + 1, other + 1]));
  for (const [first, second] of byTurns(strides, strides.length)) {
    const deployment = new VaultDeployment();
    const deks = deployment.openAll();
    const turns = new Turns();
    const [one, other] = [0, 1].map((more) => turns.start((between) => deployment.hour(between, more)));
    while ((await turns.make(one!, first)) + (await turns.make(other!, second)) > 0);
    await expectWell(deployment, deks);
  }
});

/** A process that dies at one of its writes to KV: the request is on its way, and arrives whenever it is delivered. */
function diesAtWrite(deployment: VaultDeployment, write: number) {
  let [seen, isDead] = [-1, false];
  let late: VaultRequest | undefined;
  const between: Between = {
    through: (port) =>
      intercepted(port, (make, name, [first]) => {
        const request = first as VaultRequest | undefined;
        const isWrite = name === 'send' && request?.method === 'POST' && request.path.includes('/data/');
        if (isWrite && !isDead && (seen += 1) === write) {
          isDead = true;
          late = request;
        }
        return isDead ? Promise.reject(new Error('the process is dead')) : make();
      }),
  };
  return { between, deliver: () => (late === undefined ? undefined : deployment.deliver(late)), late: () => late };
}

describe('a check-and-set write of a dead driver', () => {
  test.each([0, 1, 2])('that arrives after %d hours of others changes nothing that they wrote', async (hours) => {
    let [writes, arrived] = [0, 0];
    for (let write = 0; ; write += 1) {
      const deployment = new VaultDeployment();
      const deks = deployment.openAll();
      const dead = diesAtWrite(deployment, write);
      await deployment.hour(dead.between).catch(() => undefined);
      if (dead.late() === undefined) break;
      writes += 1;
      for (let hour = 0; hour < hours; hour += 1) await deployment.hour(NOTHING_BETWEEN);
      const before = deployment.current();
      const { status } = dead.deliver()!;
      if (status < 300) arrived += 1;
      else expect(status).toBe(400);
      if (hours > 0) expect([status, deployment.current()]).toEqual([400, before]);
      await expectWell(deployment, deks);
    }
    // The announcement, the count of the try, the value, and the move.
    expect([writes, arrived]).toEqual([4, hours === 0 ? 4 : 0]);
  });

  test('that meets a path made anew by an operator replaces a value, but loses no KEK of its own rotation', async () => {
    const deployment = new VaultDeployment();
    const deks = deployment.openAll();
    const dead = diesAtWrite(deployment, 3);
    await deployment.hour(dead.between).catch(() => undefined);
    const { token, keyset } = deployment.current();
    deployment.admin('DELETE', deployment.data().replace('/data/', '/metadata/'));
    deployment.admin('POST', deployment.data(), { options: { cas: 0 }, data: { token, keyset } });
    expect(dead.deliver()?.status).toBe(200);
    await expectWell(deployment, deks);
  });
});
