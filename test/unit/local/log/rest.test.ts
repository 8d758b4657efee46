import { setTimeout as sleep } from 'node:timers/promises';
import { createRest, workedMs } from '../../../../local/log/rest';

test('rests as many times as long as it has worked, and not for little', async () => {
  let worked = 100;
  const rests: number[] = [];
  const rest = createRest(
    3,
    () => worked,
    (ms) => Promise.resolve(rests.push(ms)),
  );
  await rest();
  worked += 4;
  await rest();
  worked += 4;
  await rest();
  await rest();
  worked += 10;
  await rest();
  expect(rests).toEqual([24, 30]);
});

test('waiting is no work: a publisher that was idle for an hour begins at once', async () => {
  const [began, worked] = [performance.now(), workedMs()];
  await sleep(300);
  const waited = performance.now() - began;
  expect(workedMs() - worked).toBeLessThan(waited - 100);
});
