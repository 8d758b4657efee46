import { EventEmitter } from 'node:events';
import { endWithProcess } from '../../../lambdas/adapters/system/end-with-process';

function start() {
  const exits: number[] = [];
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) });
  const ended = { times: 0 };
  endWithProcess(
    () => {
      ended.times += 1;
      return Promise.resolve();
    },
    process as unknown as NodeJS.Process,
  );
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { process, exits, ended, settled };
}

test('a process that has nothing left to do ends it, once', async () => {
  const { process, ended, exits, settled } = start();
  process.emit('beforeExit');
  process.emit('beforeExit');
  await settled();
  expect([ended.times, exits]).toEqual([1, []]);
});

test('SIGTERM that nobody else handles ends it, and then the process', async () => {
  const { process, ended, exits, settled } = start();
  process.emit('SIGTERM');
  expect(exits).toEqual([]);
  process.emit('SIGTERM');
  await settled();
  expect([ended.times, exits[0]]).toEqual([1, 143]);
});

test('SIGTERM that the host handles is left to it: requests may be under way', async () => {
  const { process, ended, exits, settled } = start();
  process.on('SIGTERM', () => undefined);
  process.emit('SIGTERM');
  await settled();
  expect([ended.times, exits]).toEqual([0, []]);
  process.emit('beforeExit');
  await settled();
  expect(ended.times).toBe(1);
});
