import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedMetrics } from '../../lambdas/adapters/aws/observability/embedded-metrics';
import { createFunctionLogger } from '../../lambdas/adapters/aws/observability/function-logger';
import { openKekFile } from '../../lambdas/adapters/local/kek-file';
import { readPrivateFile } from '../../lambdas/adapters/local/private-file';
import { createJsonLogger } from '../../lambdas/adapters/system/json-logger';
import { createOnceAMinuteFailureLog } from '../../lambdas/adapters/system/once-a-minute-failure-log';
import { ProcessMetrics } from '../../lambdas/adapters/system/process-metrics';
import { systemClock } from '../../lambdas/adapters/system/system-clock';
import type { LogFields, Logger } from '../../lambdas/core/ports/logger';
import type { DekRotationMessage } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import { DataWatch } from '../../local/storage/data-watch';
import { KeysetMarks } from '../../local/storage/keyset-marks';
import { rememberVersions } from '../../local/storage/remember-versions';
import { DekRotationWorker } from '../../local/dek-rotation-worker';
import { TestClock, testRandomness } from '../doubles/memory-ports';
import { RecordingLogger } from '../doubles/recording-logger';
import { writtenLines } from '../doubles/written-lines';
import { keeps } from './contract';
import { keysetScannerContract, keysetStoreContract } from './keyset-store.contract';
import { openKeysets } from './memory-under-test';
import { dekRotationQueueContract } from './dek-rotation-queue.contract';
import { idOf, nextSecret, secretsProviderContract } from './secrets-provider.contract';
import {
  clockContract,
  failureLogContract,
  loggerContract,
  metricsContract,
  sealingGuardContract,
} from './small-ports.contract';

// Its reads are counted.
jest.mock('../../lambdas/adapters/local/private-file', () => {
  const actual = jest.requireActual<{ readPrivateFile: typeof readPrivateFile }>(
    '../../lambdas/adapters/local/private-file',
  );
  return { ...actual, readPrivateFile: jest.fn(actual.readPrivateFile) };
});

/** The ports that a process implements itself. */

keeps('systemClock', clockContract, () => ({ port: systemClock }));

/** The members that the port was given, from a JSON line; a function's log adds its own. */
const lineOf = (line: Record<string, unknown>, own: readonly string[]) => {
  const { level, message, timestamp: _, ...rest } = line as { level: string; message: string; timestamp: string };
  const fields = Object.fromEntries(Object.entries(rest).filter(([name]) => !own.includes(name)));
  return { level: level.toLowerCase(), message, fields: fields as LogFields };
};

keeps('createJsonLogger', loggerContract, () => {
  const written: string[] = [];
  const port = createJsonLogger({ clock: new TestClock(), write: (line) => written.push(line) });
  return { port, lines: () => written.map((line) => lineOf(JSON.parse(line) as Record<string, unknown>, [])) };
});

keeps('createFunctionLogger', loggerContract, () => {
  const logger = createFunctionLogger('stage', new TestClock());
  const written: Record<string, unknown>[] = [];
  const through =
    (level: keyof Logger) =>
    (message: string, fields?: LogFields): void => {
      written.push(
        ...writtenLines(() => {
          logger[level](message, fields);
        }),
      );
    };
  const own = ['service', 'xray_trace_id'];
  return {
    port: { info: through('info'), warn: through('warn'), error: through('error') },
    lines: () => written.map((line) => lineOf(line, own)),
  };
});

keeps('ProcessMetrics', metricsContract, () => {
  const port = new ProcessMetrics();
  return { port, counted: (name) => port.snapshot()[name], measured: (name) => port.snapshot()[name] };
});

keeps('EmbeddedMetrics', metricsContract, () => {
  const port = new EmbeddedMetrics('stage', new TestClock());
  const flushed = (name: string): number | undefined => {
    const [line] = writtenLines(() => {
      port.flush();
    });
    return line?.[name] as number | undefined;
  };
  return { port, counted: flushed, measured: flushed };
});

keeps('createOnceAMinuteFailureLog', failureLogContract, () => {
  const clock = new TestClock();
  const logger = new RecordingLogger();
  return {
    port: createOnceAMinuteFailureLog({ clock, logger }),
    logged: () => logger.lines.length,
    pass: (ms) => {
      clock.time += ms;
    },
  };
});

keeps('DataWatch', sealingGuardContract, () => {
  const clock = new TestClock();
  let isSafe = true;
  return {
    port: new DataWatch({
      inspect: async () => (isSafe ? [] : [{ message: 'a key is gone', stops: 'sealing' }]),
      isInPlace: () => true,
      clock,
      logger: new RecordingLogger(),
    }),
    become: (state) => {
      isSafe = state === 'safe';
    },
    pass: (ms) => {
      clock.time += ms;
    },
  };
});

keeps('OpenedKekFile', secretsProviderContract, async () => {
  const home = await mkdtemp(join(tmpdir(), 'kwkek-'));
  const path = join(home, 'kek.json');
  const store = async (value: string): Promise<void> => {
    await writeFile(`${path}.new`, value, { mode: 0o600 });
    await rename(`${path}.new`, path);
  };
  const first = nextSecret();
  await store(first);
  const clock = new TestClock();
  return {
    port: await openKekFile({ path, clock, randomness: testRandomness, inUse: async () => new Set([idOf(first)]) }),
    clock,
    first,
    store,
    answers: (does) => (does ? rename(`${path}.away`, path) : rename(path, `${path}.away`)),
    reads: () => jest.mocked(readPrivateFile).mock.calls.length,
    close: () => rm(home, { recursive: true, force: true }),
  };
});

const openRemembered = async () => {
  const { port, ...others } = openKeysets();
  const home = await mkdtemp(join(tmpdir(), 'kwmarks-'));
  return {
    ...others,
    port: rememberVersions(port, await KeysetMarks.open(home, testRandomness)),
    close: () => rm(home, { recursive: true, force: true }),
  };
};
keeps('rememberVersions', keysetStoreContract, openRemembered);
keeps('rememberVersions', keysetScannerContract, openRemembered);

keeps('DekRotationWorker', dekRotationQueueContract, () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  const clock = new TestClock();
  const start = clock.now();
  const port = new DekRotationWorker({ clock, logger: new RecordingLogger() });
  const messages: DekRotationMessage[] = [];
  port.start({
    serveMessage: async (message) => void messages.push(message),
    sweep: async () => [],
  });
  return {
    port,
    received: async (afterSeconds) => {
      clock.time = start + afterSeconds * 1_000;
      // It reads the clock every second, and pauses after each message.
      await jest.advanceTimersByTimeAsync(60_000);
      return messages;
    },
    close: async () => {
      await port.close();
      jest.useRealTimers();
    },
  };
});
