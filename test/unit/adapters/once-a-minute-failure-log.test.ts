import { createOnceAMinuteFailureLog } from '../../../lambdas/adapters/system/once-a-minute-failure-log';
import type { OutsideFailure } from '../../../lambdas/core/errors/outside-failure';
import { TestClock } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';

const FAILURE: OutsideFailure = {
  service: 'DynamoDB',
  operation: 'PutItem',
  region: 'eu-west-1',
  name: 'AccessDeniedException',
  kind: 'denied',
};

function newLog() {
  const clock = new TestClock();
  const logger = new RecordingLogger();
  return { clock, logger, failures: createOnceAMinuteFailureLog({ clock, logger }) };
}

test('a failure is logged once a minute', () => {
  const { clock, logger, failures } = newLog();
  for (let second = 0; second < 180; second += 1) {
    failures.note(FAILURE);
    clock.time += 1000;
  }
  expect(logger.lines).toEqual(
    Array.from({ length: 3 }, () => ({
      level: 'error',
      message: 'DynamoDB refused a call',
      fields: { operation: 'PutItem', region: 'eu-west-1', error_name: 'AccessDeniedException' },
    })),
  );
});

test('each operation, region, name and service has a minute of its own', () => {
  const { logger, failures } = newLog();
  const others: readonly Partial<OutsideFailure>[] = [
    {},
    { operation: 'Query' },
    { region: 'us-east-1' },
    { name: 'TimeoutError', kind: 'outage' },
    { service: 'SQS' },
    { reason: 'kek_damaged' },
  ];
  for (const other of [...others, ...others]) failures.note({ ...FAILURE, ...other });
  expect(logger.lines).toHaveLength(others.length);
});

test('an outage is a warning; what somebody has to mend is an error', () => {
  const { logger, failures } = newLog();
  failures.note({ ...FAILURE, name: 'ECONNREFUSED', kind: 'outage' });
  failures.note({ ...FAILURE, name: 'ResourceNotFoundException', kind: 'refused' });
  failures.note({ ...FAILURE, name: 'KeywardError', kind: 'outage', reason: 'kek_damaged' });
  expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
    ['warn', 'DynamoDB did not answer'],
    ['error', 'DynamoDB refused a call'],
    ['error', 'DynamoDB returned an unusable answer'],
  ]);
  expect(logger.lines[2]?.fields?.reason).toBe('kek_damaged');
});

test('a clock that went back hides nothing', () => {
  const { clock, logger, failures } = newLog();
  failures.note(FAILURE);
  clock.time -= 3_600_000;
  failures.note(FAILURE);
  failures.note(FAILURE);
  expect(logger.lines).toHaveLength(2);
});
