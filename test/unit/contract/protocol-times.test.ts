import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { writeConditionally } from '../../../lambdas/adapters/aws/dynamodb/conditional-write';
import { FRESH_MS } from '../../../lambdas/adapters/aws/dynamodb/stored-providers';
import * as clientLimits from '../../../lambdas/core/contract/client-limits';
import * as functionTimes from '../../../lambdas/core/contract/function-times';
import { MIN_WINDOW_DAYS, RESTORABLE_DAYS } from '../../../lambdas/core/contract/limits';
import * as protocolTimes from '../../../lambdas/core/contract/protocol-times';
import * as timeUnits from '../../../lambdas/core/contract/time-units';
import { RETRY_AFTER_SECONDS } from '../../../lambdas/core/contract/problems';
import { LOCAL_LIMITS } from '../../../local/gateway/local-limits';
import { LONG_MS } from '../../../local/storage/absence';
import { LOOK_MS, OLDEST_LOOK_MS } from '../../../local/storage/data-watch';
import { inequalitiesOf, type Limits, type OtherTimes, type Times } from './inequalities';

const { API_LIMITS, OPERATIONS_LIMITS, API_PROOF_LIMITS, WORKER_PROOF_LIMITS } = clientLimits;
const LIMITS = { API_LIMITS, OPERATIONS_LIMITS, API_PROOF_LIMITS, WORKER_PROOF_LIMITS } satisfies Limits;
const OTHERS: OtherTimes = {
  RETRY_AFTER_S: Number(RETRY_AFTER_SECONDS),
  LOCAL_AUDIT_MS: LOCAL_LIMITS.auditMs,
  LOCAL_REQUEST_MS: LOCAL_LIMITS.requestMs,
  DATA_LOOK_MS: LOOK_MS,
  DATA_OLDEST_LOOK_MS: OLDEST_LOOK_MS,
  DATA_ABSENCE_MS: LONG_MS,
  PROVIDERS_FRESH_MS: FRESH_MS,
  MIN_WINDOW_DAYS,
};
const SDK_OPTIONS = { region: 'us-east-1', maxAttempts: 3 };
const TIMES: Times = { ...LIMITS, ...protocolTimes, ...functionTimes, ...OTHERS };

test.each(inequalitiesOf(TIMES))('%s', (_, least, most) => {
  expect(least).toBeLessThanOrEqual(most);
});

describe('the pauses of the SDK that is installed', () => {
  /** The longest wait before the first and the second repetition: jitter makes them shorter. */
  async function pausesOf(client: DynamoDBClient | SecretsManagerClient, errorType: 'TRANSIENT' | 'THROTTLING') {
    const strategy = await client.config.retryStrategy();
    if (!('acquireInitialRetryToken' in strategy)) throw new Error('the SDK has another kind of retry strategy');
    const pauses: number[] = [];
    jest.spyOn(Math, 'random').mockReturnValue(1 - Number.EPSILON);
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms: number) => {
      pauses.push(ms);
      run();
    }) as never);
    try {
      let token = await strategy.acquireInitialRetryToken('');
      token = await strategy.refreshRetryTokenForRetry(token, { errorType });
      await strategy.refreshRetryTokenForRetry(token, { errorType });
    } finally {
      jest.restoreAllMocks();
    }
    return pauses;
  }

  test.each([
    ['TRANSIENT', clientLimits.SDK_PAUSE_MS],
    ['THROTTLING', clientLimits.SDK_THROTTLED_PAUSE_MS],
  ] as const)('are as long as is reckoned (%s)', async (errorType, first) => {
    const pauses = [
      await pausesOf(new DynamoDBClient(SDK_OPTIONS), errorType),
      await pausesOf(new SecretsManagerClient(SDK_OPTIONS), errorType),
    ];
    const longest = [0, 1].map((index) => Math.max(...pauses.map((each) => each[index]!)));
    // It rounds down the rest after jitter.
    expect(longest).toEqual([first - 1, 2 * first - 1]);
  });

  test.each(Object.values(LIMITS))('after throttling are no longer than an attempt that times out (%j)', (limits) => {
    const longest = clientLimits.SDK_THROTTLED_PAUSE_MS * 2 ** (limits.maxAttempts - 2);
    expect(longest).toBeLessThanOrEqual(limits.requestTimeoutMs);
  });
});

test('a conditional write whose answers are all lost is sent, looked for, and sent again: then it is applied or not', async () => {
  const calls: string[] = [];
  const lost = Object.assign(new Error('no answer'), { name: 'TimeoutError' });
  const write = writeConditionally({
    writeId: 'ours',
    isUnchanged: () => true,
    send: () => {
      calls.push('send');
      return Promise.reject(lost);
    },
    read: () => {
      calls.push('look');
      return Promise.resolve(undefined);
    },
  });
  await expect(write).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(calls.lastIndexOf('send') + 1).toBe(
    clientLimits.conditionalWriteMs(OPERATIONS_LIMITS) / clientLimits.callMs(OPERATIONS_LIMITS),
  );
});

/**
 * A module of times as it is with one of them changed: a sum has the change, too.
 *
 * @param change undefined: none
 */
function timesOf(file: string, change?: { readonly name: string; readonly factor: number }): Record<string, number> {
  const path = join(__dirname, '../../../lambdas/core/contract', file);
  const code = readFileSync(path, 'utf8')
    .replace(/^import [^;]+;$/gm, '')
    .replace(
      /^export const (\w+) = ([^;]+);$/gm,
      (_, name: string, value: string) =>
        `const ${name} = exported.${name} = (${value}) * ${name === change?.name ? change.factor : 1};`,
    );
  const exported: Record<string, number> = {};
  runInNewContext(code, { exported, ...timeUnits, RESTORABLE_DAYS });
  return exported;
}

interface Changed {
  readonly name: string;
  readonly times: (factor: number) => Times;
}

const FILES = { 'protocol-times.ts': protocolTimes, 'function-times.ts': functionTimes };

const CHANGED: readonly Changed[] = [
  ...Object.entries(FILES).flatMap(([file, exported]) =>
    Object.keys(exported).map((name) => ({
      name,
      times: (factor: number): Times => ({ ...TIMES, ...timesOf(file, { name, factor }) }),
    })),
  ),
  ...Object.entries(LIMITS as object as Record<string, Record<string, number>>).flatMap(([name, limits]) =>
    Object.entries(limits).map(([member, value]) => ({
      name: `${name}.${member}`,
      times: (factor: number): Times => ({ ...TIMES, [name]: { ...limits, [member]: value * factor } }),
    })),
  ),
  ...Object.entries(OTHERS as object as Record<string, number>).map(([name, value]) => ({
    name,
    times: (factor: number): Times => ({ ...TIMES, [name]: value * factor }),
  })),
];

/** The rules that a multiple of a time breaks. */
const brokenBy = ({ times }: Changed, factor: number): readonly string[] =>
  inequalitiesOf(times(factor))
    .filter(([, least, most]) => !(least <= most))
    .map(([rule]) => rule);

/**
 * Times with more room than to twice or half: so many times as long, or as short, is the first power of two that breaks a rule.
 * What is less is as safe, and another test says that it is not what was promised.
 */
const ROOMY: Readonly<Record<string, number>> = {
  ARCHIVE_EVENTS_MS: 4,
  INTENT_QUICK_MS: 4,
  INTENT_SHORTEST_WINDOW_MS: 4,
  KEK_SCHEDULE_RETRY_MS: 4,
  MIN_WINDOW_DAYS: 8,
  UNPROVED_ALARM_MS: 8,
  'API_PROOF_LIMITS.connectionTimeoutMs': 16,
  'WORKER_PROOF_LIMITS.connectionTimeoutMs': 8,
  'WORKER_PROOF_LIMITS.maxAttempts': 4,
};

const roomOf = ({ name }: Changed): number => ROOMY[name] ?? 2;

/** The rule that limits a time, in either direction. */
function titleOf(changed: Changed): string {
  const factor = roomOf(changed);
  const [longer] = brokenBy(changed, factor);
  const [shorter] = brokenBy(changed, 1 / factor);
  return `${changed.name} x ${factor}: ${longer ?? 'nothing'} / ${factor}: ${shorter ?? 'nothing'}`;
}

describe('each time has a rule that does not hold with twice or half of it', () => {
  test.each(Object.entries(FILES))('%s is read as it runs', (file, exported) => {
    expect(timesOf(file)).toEqual({ ...exported });
  });

  test.each(CHANGED.map((each) => [titleOf(each), each] as const))('%s', (_, changed) => {
    const factor = roomOf(changed);
    expect([...brokenBy(changed, factor), ...brokenBy(changed, 1 / factor)]).not.toEqual([]);
  });

  test.each(Object.entries(ROOMY))('%s has no less room than that', (name, factor) => {
    const changed = CHANGED.find((each) => each.name === name) as Changed;
    const half = factor / 2;
    expect([...brokenBy(changed, half), ...brokenBy(changed, 1 / half)]).toEqual([]);
  });
});
