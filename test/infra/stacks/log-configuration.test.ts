import { MIN_LOGGED_RETENTION_DAYS, RECONCILED_AFTER_DAYS } from '../../../lambdas/core/contract/limits';
import { readDeployment } from '../../../lib/deployment';
import { readLogConfiguration } from '../../../lib/log-configuration';
import { HOME } from '../synthesized';

const of = (transparency_log: unknown, others: object = {}) => readDeployment({ ...others, transparency_log }).log;

test('a log is kept unless the configuration says otherwise, locked as long as events are kept', () => {
  const byDefault = { owner: '111111111111', lockMode: 'governance', lockDays: 400, keys: 1, witness: undefined };
  expect(of(undefined)).toEqual(byDefault);
  expect(of({})).toEqual(byDefault);
  expect(of(undefined, { audit_retention_days: 30 })?.lockDays).toBe(30);
  expect(of({ enabled: false })).toBeUndefined();
  expect(
    of({
      owner: 'audit.example.com',
      lock_mode: 'compliance',
      lock_days: 3650,
      keys: 3,
      witness_bucket: 'their.witness-1',
      witness_region: 'eu-central-1',
    }),
  ).toEqual({
    owner: 'audit.example.com',
    lockMode: 'compliance',
    lockDays: 3650,
    keys: 3,
    witness: { name: 'their.witness-1', region: 'eu-central-1' },
  });
  expect(of({ witness_bucket: 'abc' })?.witness).toEqual({ name: 'abc', region: HOME });
  expect(of({ owner: '222222222222' }, { account: '222222222222' })?.owner).toBe('222222222222');
});

test('events are kept until the reconciliation has looked for them three times', () => {
  const of = (auditRetentionDays: number, enabled = true) =>
    readLogConfiguration(
      { enabled },
      { account: '111111111111', auditRetentionDays, disposable: false, homeRegion: HOME },
    );
  expect(() => of(13)).toThrow(
    "The configuration's audit_retention_days must be at least 14 where transparency_log is enabled: DynamoDB deletes events whether or not a log has them.",
  );
  expect(of(14)?.lockDays).toBe(14);
  expect(of(13, false)).toBeUndefined();
  expect(MIN_LOGGED_RETENTION_DAYS).toBeGreaterThan(RECONCILED_AFTER_DAYS.at(-1)!);
});

test('a disposable deployment keeps none: what is locked outlives its stacks', () => {
  const disposable = { stage: 'dev-7', disposable: true };
  expect(of(undefined, disposable)).toBeUndefined();
  expect(() => of({ enabled: true }, disposable)).toThrow(
    "The configuration's transparency_log.enabled must not be true in a disposable deployment: what is locked outlives its stacks.",
  );
});

test.each([
  [[], ' must be an object.'],
  ['on', ' must be an object.'],
  [{ owners: 'x' }, '.owners is not a known field.'],
  [{ enabled: 'yes' }, '.enabled must be true or false.'],
  [{ owner: 'localhost' }, '.owner must be a domain in lower case, such as audit.example.com.'],
  [{ owner: 'Audit.example.com' }, '.owner must be a domain in lower case, such as audit.example.com.'],
  [{ owner: 'a.example/x' }, '.owner must be a domain in lower case, such as audit.example.com.'],
  [{ owner: '222222222222' }, '.owner must be a domain in lower case, such as audit.example.com.'],
  [{ lock_mode: 'none' }, '.lock_mode must be one of governance, compliance.'],
  [{ keys: 0 }, '.keys must be a whole number from 1 to 5.'],
  [{ keys: 6 }, '.keys must be a whole number from 1 to 5.'],
  [{ keys: '2' }, '.keys must be a whole number from 1 to 5.'],
  [{ lock_days: 399 }, '.lock_days must be a whole number from audit_retention_days, 400, to 36500.'],
  [{ lock_days: 36_501 }, '.lock_days must be a whole number from audit_retention_days, 400, to 36500.'],
  [{ lock_days: '400' }, '.lock_days must be a whole number from audit_retention_days, 400, to 36500.'],
  [{ witness_bucket: 'Upper' }, '.witness_bucket must be the name of a bucket.'],
  [{ witness_bucket: 'a..b' }, '.witness_bucket must be the name of a bucket.'],
  [{ witness_bucket: 'arn:aws:s3:::x' }, '.witness_bucket must be the name of a bucket.'],
  [{ witness_bucket: 'abc', witness_region: 'moon-1' }, '.witness_region is not a valid AWS region.'],
  [{ witness_region: HOME }, '.witness_region must be left out where there is no witness_bucket.'],
])('%j is refused', (given, rule) => {
  expect(() => of(given)).toThrow(`The configuration's transparency_log${rule}`);
});
