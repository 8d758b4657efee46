import type { GaugeName, MetricName } from '../../lambdas/core/contract/metrics';
import type { OutsideFailure } from '../../lambdas/core/errors/outside-failure';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { FailureLog } from '../../lambdas/core/ports/failure-log';
import type { LogFields, Logger } from '../../lambdas/core/ports/logger';
import type { Metrics } from '../../lambdas/core/ports/metrics';
import type { SealingGuard } from '../../lambdas/core/keysets/ports/sealing-guard';
import type { Contract, Statements, UnderTest } from './contract';

/** Statements that every Clock keeps. */
export const clockContract: Contract<Clock> = {
  now: {
    'is in whole milliseconds since 1970': async ({ port }) => {
      expect(Number.isInteger(port.now())).toBe(true);
      expect(port.now()).toBeGreaterThan(Date.UTC(2020, 0));
      expect(port.now()).toBeLessThan(Date.UTC(2100, 0));
    },
  },

  sleep: {
    'lasts about as long as it is told': async ({ port }) => {
      const before = port.now();
      await expect(port.sleep(30)).resolves.toBeUndefined();
      // A timer of Node may fire a millisecond early.
      expect(port.now() - before).toBeGreaterThanOrEqual(28);
    },

    'of nothing, or less, ends at once and never goes back': async ({ port }) => {
      for (const ms of [0, -5]) {
        const before = port.now();
        await port.sleep(ms);
        expect(port.now()).toBeGreaterThanOrEqual(before);
      }
    },
  },
};

export interface LoggerUnderTest extends UnderTest<Logger> {
  readonly lines: () => readonly { readonly level: string; readonly message: string; readonly fields: LogFields }[];
}

const logStatements = (level: keyof Logger): Statements<LoggerUnderTest> => ({
  'writes the message at its level, with every member on the list': async ({ port, lines }) => {
    const fields = {
      code: 'internal',
      reason: 'kek_damaged',
      request_id: 'r',
      operation: 'decrypt',
      provider: 'openai',
      region: 'eu-west-1',
      status: 500,
      duration_ms: 7,
      error_name: 'TimeoutError',
    } as const;
    port[level]('something happened', fields);
    port[level]('something else happened');
    expect(lines()).toStrictEqual([
      { level, message: 'something happened', fields },
      { level, message: 'something else happened', fields: {} },
    ]);
  },

  'drops members that are not on the list, and names of errors that are not': async ({ port, lines }) => {
    const wide = { status: 500, api_key: 'CANARY', error: new Error('CANARY'), error_name: 'CANARY' };
    port[level]('something happened', wide as unknown as LogFields);
    expect(lines()).toStrictEqual([
      { level, message: 'something happened', fields: { status: 500, error_name: 'other' } },
    ]);
  },
});

/** Statements that every Logger keeps. */
export const loggerContract: Contract<Logger, LoggerUnderTest> = {
  info: logStatements('info'),
  warn: logStatements('warn'),
  error: logStatements('error'),
};

export interface MetricsUnderTest extends UnderTest<Metrics> {
  readonly counted: (name: MetricName) => number | undefined;
  readonly measured: (name: GaugeName) => number | undefined;
}

/** Statements that every Metrics keeps. The counts are read once, at the end. */
export const metricsContract: Contract<Metrics, MetricsUnderTest> = {
  count: {
    'adds one to what it names': async ({ port, counted }) => {
      for (let times = 0; times < 3; times += 1) port.count('failed_decrypt');
      port.count('dek_cache_hit');
      expect(counted('failed_decrypt')).toBe(3);
    },

    'adds nothing to what it does not name': async ({ port, counted }) => {
      port.count('dek_cache_hit');
      expect(counted('dek_cache_miss') ?? 0).toBe(0);
    },
  },

  gauge: {
    'is the last value, fractions and all': async ({ port, measured }) => {
      port.gauge('dek_age_days', 7);
      port.gauge('kek_age_days', 12);
      port.gauge('kek_age_days', 0.5);
      expect(measured('kek_age_days')).toBe(0.5);
    },
  },
};

export interface FailureLogUnderTest extends UnderTest<FailureLog> {
  /** The number of logged lines. */
  readonly logged: () => number;
  readonly pass: (ms: number) => void;
}

const FAILURE: OutsideFailure = {
  service: 'DynamoDB',
  operation: 'PutItem',
  region: 'eu-west-1',
  name: 'TimeoutError',
  kind: 'outage',
};

/** Statements that every FailureLog keeps. */
export const failureLogContract: Contract<FailureLog, FailureLogUnderTest> = {
  note: {
    'logs a failure once a minute': async ({ port, logged, pass }) => {
      port.note(FAILURE);
      pass(59_999);
      port.note(FAILURE);
      expect(logged()).toBe(1);
      pass(1);
      port.note(FAILURE);
      expect(logged()).toBe(2);
    },

    'logs each service, operation, region and name by itself': async ({ port, logged }) => {
      const others: readonly Partial<OutsideFailure>[] = [
        {},
        { service: 'SQS' },
        { operation: 'Query' },
        { region: 'us-east-1' },
        { name: 'AccessDeniedException', kind: 'denied' },
      ];
      for (const other of [...others, ...others]) port.note({ ...FAILURE, ...other });
      expect(logged()).toBe(others.length);
    },
  },
};

export interface SealingGuardUnderTest extends UnderTest<SealingGuard> {
  readonly become: (state: 'safe' | 'in doubt') => void;
  readonly pass: (ms: number) => void;
}

const STOPPED = { name: 'KeywardError', code: 'keys_unavailable', reason: 'sealing_stopped' };

/** Statements that every SealingGuard keeps. */
export const sealingGuardContract: Contract<SealingGuard, SealingGuardUnderTest> = {
  assertMaySeal: {
    'resolves where sealing is safe': async ({ port }) => {
      await expect(port.assertMaySeal()).resolves.toBeUndefined();
    },

    'rejects where it is in doubt, from the first time on': async ({ port, become }) => {
      become('in doubt');
      await expect(port.assertMaySeal()).rejects.toMatchObject(STOPPED);
      await expect(port.assertMaySeal()).rejects.toMatchObject(STOPPED);
    },

    'knows at most seconds later that it has changed': async ({ port, become, pass }) => {
      await port.assertMaySeal();
      for (const state of ['in doubt', 'safe', 'in doubt'] as const) {
        become(state);
        pass(60_000);
        if (state === 'safe') await expect(port.assertMaySeal()).resolves.toBeUndefined();
        else await expect(port.assertMaySeal()).rejects.toMatchObject(STOPPED);
      }
    },
  },
};
