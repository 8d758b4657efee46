import { inspect } from 'node:util';
import { TestClock } from '../../doubles/memory-ports';
import { startVault, type RunningVault } from '../../doubles/vault/start-vault';
import { until } from '../../until';
import { mountAws, openAwsCredentials, type AwsEngineOptions, type AwsEngineUnderTest } from './aws-under-test';
import { doubleUnderTest } from './vault-under-test';

/** When keys are taken, renewed, tried, replaced and dropped: against the double, whose failures and clock the test controls. */

let clock: TestClock;
let vault: RunningVault;
let engine: AwsEngineUnderTest;
beforeEach(async () => {
  clock = new TestClock();
  vault = await startVault(() => clock.now());
});
afterEach(async () => {
  await vault.close();
  await engine.aws.close();
});

type Type = keyof AwsEngineUnderTest['paths'];

async function open(
  type: Type,
  options: AwsEngineOptions & { readonly works?: (id: string) => Promise<boolean> } = {},
) {
  engine = await mountAws(doubleUnderTest(vault), { now: () => clock.now(), stsSeconds: 900, ...options });
  const opened = await openAwsCredentials([vault.address], engine, { path: engine.paths[type], clock, ...options });
  vault.calls.length = 0;
  const id = async (): Promise<string> => (await opened.credentials.current()).accessKeyId;
  return { ...opened, id };
}

const KINDS: Readonly<Record<string, string>> = {
  'auth/approle/login': 'login',
  'auth/token/renew-self': 'renew token',
  'sys/leases/renew': 'renew',
  'sys/leases/revoke': 'revoke',
};
const asked = (): string[] => vault.calls.map(({ path }) => KINDS[path] ?? 'take');
const taken = (): number => asked().filter((each) => each === 'take').length;

/** Waits for what runs beside the requests: it ends with the answer of Vault. */
async function settled(holds: () => boolean | Promise<boolean>): Promise<void> {
  await until('what runs beside the requests has an answer', holds);
}

const MINUTE = 60_000;

describe('keys of STS', () => {
  test('are taken once for all callers, and serve until two thirds of their lease', async () => {
    const { credentials, id } = await open('assumed_role');
    const all = await Promise.all(Array.from({ length: 50 }, id));
    expect(new Set(all)).toEqual(new Set(['SESSION-1']));
    expect(await credentials.current()).toEqual({
      accessKeyId: 'SESSION-1',
      secretAccessKey: 'secret-of-SESSION-1',
      sessionToken: 'token-of-SESSION-1',
    });
    clock.time += 10 * MINUTE - 1;
    await id();
    expect(asked()).toEqual(['login', 'take']);
  });

  test('are taken anew at two thirds, while the old ones serve without waiting', async () => {
    const { id } = await open('federation_token');
    await id();
    clock.time += 10 * MINUTE;
    let isHeld = true;
    vault.fault = () => (isHeld ? 'hang' : undefined);
    expect(await Promise.all([id(), id(), id()])).toEqual(['SESSION-1', 'SESSION-1', 'SESSION-1']);
    await settled(() => taken() === 2);
    isHeld = false;
    expect(await id()).toBe('SESSION-1');
    expect(taken()).toBe(2);
  });

  test('the new ones serve as soon as they are there; nothing is renewed or revoked', async () => {
    const { id } = await open('assumed_role');
    await id();
    clock.time += 10 * MINUTE;
    await id();
    await settled(async () => (await id()) === 'SESSION-2');
    expect(asked().filter((each) => each !== 'renew token')).toEqual(['login', 'take', 'take']);
  });

  test('that ended while the process slept are replaced at the next request', async () => {
    const { id } = await open('assumed_role');
    await id();
    clock.time += 24 * 60 * MINUTE;
    expect(await Promise.all([id(), id()])).toEqual(['SESSION-2', 'SESSION-2']);
  });

  test('a request that wakes the process does not fail for an attempt that slept with it', async () => {
    const { id } = await open('assumed_role');
    await id();
    clock.time += 10 * MINUTE;
    let isAsleep = true;
    vault.fault = ({ path }) => (isAsleep && path.includes('/sts/') ? 'hang' : undefined);
    await id();
    await settled(() => taken() === 2);
    clock.time += 10 * MINUTE;
    const woken = id();
    isAsleep = false;
    // The connection of the attempt breaks.
    vault.dropHanging();
    await expect(woken).resolves.toBe('SESSION-2');
  });

  test('serve until their end while Vault is away; then the failure has its name, and one call a second goes out', async () => {
    const { id, failures, logger } = await open('assumed_role');
    await id();
    vault.service.isSealed = true;
    clock.time += 15 * MINUTE - 1;
    expect(await id()).toBe('SESSION-1');
    // The token is due as well: its renewal fails first.
    await settled(() => failures.noted.some(({ operation }) => operation === 'read aws credentials'));
    clock.time += 1;
    clock.time += 1_000;
    vault.calls.length = 0;
    const all = await Promise.allSettled(Array.from({ length: 20 }, id));
    for (const each of all) {
      expect(each).toMatchObject({
        status: 'rejected',
        reason: { name: 'VaultSealed', message: 'Vault gives no AWS credentials' },
      });
    }
    expect(new Set(all.map((each) => (each as PromiseRejectedResult).reason as unknown)).size).toBe(20);
    await Promise.allSettled(Array.from({ length: 20 }, id));
    expect(vault.calls).toHaveLength(1);
    clock.time += 1_000;
    vault.service.isSealed = false;
    expect(await id()).toBe('SESSION-2');
    expect(logger.lines).toEqual([]);
  });

  test('a request whose credentials Vault does not give in time waits once, not at each of its calls', async () => {
    const { id } = await open('assumed_role');
    const hang = vault.fault;
    vault.fault = () => 'hang';
    const first = id();
    await settled(() => vault.calls.length === 1);
    clock.time += 10_000;
    const joined = id();
    vault.dropHanging();
    await expect(first).rejects.toMatchObject({ name: 'ECONNRESET' });
    await expect(joined).rejects.toMatchObject({ name: 'ECONNRESET' });
    vault.fault = () => 'refuse';
    await expect(id()).rejects.toMatchObject({ name: 'ECONNRESET' });
    expect(vault.calls).toHaveLength(1);
    vault.fault = hang;
    clock.time += 1_000;
    expect(await id()).toBe('SESSION-1');
  });

  test('of a second Vault where the first does not answer', async () => {
    const { failures } = await open('assumed_role');
    const away = 'http://127.0.0.1:1';
    const { credentials } = await openAwsCredentials([away, vault.address], engine, {
      path: engine.paths.assumed_role,
      clock,
    });
    expect(await credentials.current()).toMatchObject({ accessKeyId: 'SESSION-1' });
    const none = await openAwsCredentials([away, away], engine, { path: engine.paths.assumed_role, clock });
    await expect(none.credentials.current()).rejects.toMatchObject({ name: 'ECONNREFUSED' });
    expect(failures.noted).toEqual([]);
  });

  test('that AWS refuses before their end are taken anew, at most once in 30 seconds', async () => {
    const { credentials, id } = await open('assumed_role');
    await id();
    expect([credentials.refused('SESSION-1'), credentials.refused('SESSION-1')]).toEqual([true, true]);
    expect(await id()).toBe('SESSION-2');
    expect(credentials.refused('SESSION-2')).toBe(false);
    expect(await id()).toBe('SESSION-2');
    clock.time += 30_000;
    expect(credentials.refused('SESSION-2')).toBe(true);
    expect(await id()).toBe('SESSION-3');
    // A request that was under way at their end is no refusal.
    clock.time += 15 * MINUTE;
    expect([credentials.refused('SESSION-3'), await id()]).toEqual([true, 'SESSION-4']);
    expect(credentials.refused('SESSION-4')).toBe(true);
  });

  test('are not the younger for a clock that goes back', async () => {
    const { id } = await open('assumed_role');
    await id();
    clock.time -= 60 * MINUTE;
    await id();
    await settled(async () => (await id()) === 'SESSION-2');
  });

  test('have the shorter of the two times that Vault gives', async () => {
    const { id } = await open('assumed_role');
    const body = {
      lease_id: '',
      lease_duration: 0,
      data: { access_key: 'a', secret_key: 'b', session_token: 'c', ttl: 30 },
    };
    vault.fault = ({ path }) => (path.includes('/sts/') ? { reply: { status: 200, body } } : undefined);
    expect(await id()).toBe('a');
    clock.time += 19_999;
    await id();
    expect(taken()).toBe(1);
    clock.time += 1;
    await id();
    await settled(() => taken() === 2);
  });
});

describe('keys of IAM users', () => {
  const lease = { lease: '15s', lease_max: '60s' };

  test('are renewed at two thirds, and are the same', async () => {
    const { id } = await open('iam_user', { lease });
    await id();
    for (const renewals of [1, 2, 3, 4]) {
      clock.time += 10_000;
      await settled(async () => {
        expect(await id()).toBe('USER-1');
        return asked().filter((each) => each === 'renew').length === renewals;
      });
    }
    expect(taken()).toBe(1);
  });

  test('that do not work yet are waited for at the first request', async () => {
    const { id } = await open('iam_user', { lease: { lease: '10m', lease_max: '1h' } });
    engine.aws.account.userDelayMs = 7_300;
    const before = clock.time;
    expect(await Promise.all([id(), id()])).toEqual(['USER-1', 'USER-1']);
    expect(clock.time - before).toBeGreaterThanOrEqual(7_300);
    expect(clock.time - before).toBeLessThan(9_000);
    expect(engine.aws.account.made.users).toBe(1);
  });

  test('near their longest time are replaced when a new user works; until then the old ones serve', async () => {
    let works = false;
    const { id } = await open('iam_user', {
      lease: { lease: '10m', lease_max: '15m' },
      works: (each) => Promise.resolve(each === 'USER-1' || works),
    });
    await id();
    // The renewal gives 500 of 600 s.
    clock.time += 400_000;
    expect(await id()).toBe('USER-1');
    await settled(() => taken() === 2);
    await settled(async () => {
      clock.time += 1;
      return (await id()) === 'USER-1';
    });
    for (let count = 0; count < 20; count += 1) {
      clock.time += 1_000;
      expect(await id()).toBe('USER-1');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(engine.aws.account.made.users).toBe(2);
    works = true;
    await settled(async () => {
      clock.time += 2_000;
      return (await id()) === 'USER-2';
    });
    expect(engine.aws.account.made.users).toBe(2);
  });

  test('that never work serve in the end where there are no others: the request tells why', async () => {
    const { id } = await open('iam_user', {
      lease: { lease: '10m', lease_max: '1h' },
      works: () => Promise.resolve(false),
    });
    const before = clock.time;
    expect(await id()).toBe('USER-1');
    expect(clock.time - before).toBe(15_000);
    expect(engine.aws.account.made.users).toBe(1);
  });

  test('end with the token that took them: both are renewed, and another login means another user', async () => {
    const role = { token_ttl: '60s', token_max_ttl: '150s' };
    const { id } = await open('iam_user', { lease: { lease: '1h', lease_max: '24h' }, role });
    const serves = async (): Promise<void> => {
      expect(engine.aws.account.errorOf(await id(), undefined)).toBeUndefined();
    };
    for (let time = 0; time < 600_000; time += 5_000) {
      clock.time += 5_000;
      await serves();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(asked().filter((each) => each === 'login').length).toBeGreaterThan(3);
    expect(asked().filter((each) => each === 'renew token').length).toBeGreaterThan(3);
    expect(engine.aws.account.made.users).toBe(asked().filter((each) => each === 'login').length);
  });

  test('whose token ended while the process slept are replaced at the next request', async () => {
    const { id } = await open('iam_user', { lease: { lease: '24h', lease_max: '48h' } });
    await id();
    clock.time += 21 * MINUTE;
    expect(await id()).toBe('USER-2');
  });

  test('whose renewal Vault refuses are replaced', async () => {
    const { id } = await open('iam_user', { lease: { lease: '10m', lease_max: '1h' } });
    await id();
    vault.fault = ({ path }) =>
      path === 'sys/leases/renew' ? { reply: { status: 403, body: { errors: [] } } } : undefined;
    clock.time += 7 * MINUTE;
    await id();
    await settled(async () => (await id()) === 'USER-2');
  });

  test('serve on while a renewal gets no answer', async () => {
    const { id, failures } = await open('iam_user', { lease: { lease: '10m', lease_max: '1h' } });
    await id();
    vault.service.isSealed = true;
    clock.time += 7 * MINUTE;
    expect(await id()).toBe('USER-1');
    await settled(() => failures.noted.length > 0);
    vault.service.isSealed = false;
    clock.time += 1_000;
    await id();
    await settled(() => asked().includes('renew'));
    expect(await id()).toBe('USER-1');
    expect(taken()).toBe(1);
  });

  test('that a server of AWS does not know yet are tried again, and the old ones serve', async () => {
    const { credentials, id } = await open('iam_user', { lease: { lease: '10m', lease_max: '15m' } });
    await id();
    clock.time += 400_000;
    await id();
    await settled(async () => (await id()) === 'USER-2');
    expect(credentials.refused('USER-2')).toBe(true);
    expect(await id()).toBe('USER-1');
    await settled(async () => {
      clock.time += 100;
      return (await id()) === 'USER-3';
    });
  });

  test('that were deleted are replaced; those that never worked are tried on, and no more users are made', async () => {
    const { credentials, id } = await open('iam_user', { lease: { lease: '10m', lease_max: '1h' } });
    await id();
    expect(credentials.refused('USER-1')).toBe(true);
    expect(await id()).toBe('USER-2');
    clock.time += 31_000;
    engine.aws.account.userDelayMs = 20_000;
    expect(credentials.refused('USER-2')).toBe(true);
    expect(await id()).toBe('USER-3');
    clock.time += 31_000;
    expect(credentials.refused('USER-3')).toBe(true);
    expect(await id()).toBe('USER-3');
    expect(engine.aws.account.made.users).toBe(3);
  });

  test('are deleted at a clean end, all of them, and nothing is signed afterwards', async () => {
    const { credentials, id } = await open('iam_user', { lease: { lease: '10m', lease_max: '15m' } });
    await id();
    clock.time += 400_000;
    await id();
    await settled(async () => (await id()) === 'USER-2');
    await credentials.end();
    expect(asked().filter((each) => each === 'revoke')).toHaveLength(2);
    for (const user of ['USER-1', 'USER-2'])
      expect(engine.aws.account.errorOf(user, undefined)).toBe('UnrecognizedClientException');
    await expect(id()).rejects.toMatchObject({ name: 'CredentialsProviderError' });
    vault.service.isSealed = true;
    await expect(credentials.end()).resolves.toBeUndefined();
  });

  test('an end that Vault does not answer is an end', async () => {
    const { credentials, id, failures } = await open('iam_user', { lease });
    await id();
    vault.service.isSealed = true;
    await credentials.end();
    expect(failures.noted).toMatchObject([{ operation: 'revoke lease', name: 'VaultSealed' }]);
  });
});

describe('what an operator can mend is one sentence that names the variable', () => {
  const refuse = (status: number, errors: readonly string[]) => ({ reply: { status, body: { errors } } });
  test.each([
    [
      'no permission',
      refuse(403, ['canary']),
      'names a path that the policy of its AppRole does not allow to read',
      'VaultPermissionDenied',
    ],
    ['no engine', refuse(404, ['canary']), 'names a path at which Vault has no aws engine', 'VaultPathNotFound'],
    [
      'no role',
      refuse(400, ['Role "canary" not found']),
      'names a role that the aws engine does not have',
      'VaultInvalidRequest',
    ],
    [
      'AWS refuses',
      refuse(400, ['canary']),
      expect.stringMatching(/^names a role for which AWS makes no credentials/),
      'VaultInvalidRequest',
    ],
    [
      'another engine',
      { reply: { status: 200, body: { data: { data: { a: 'canary' } } } } },
      'names a path that gives no AWS credentials',
      'UnusableAnswer',
    ],
    [
      'no time',
      {
        reply: {
          status: 200,
          body: { lease_id: '', lease_duration: 0, data: { access_key: 'a', secret_key: 'canary' } },
        },
      },
      'names a path that gives no AWS credentials',
      'UnusableAnswer',
    ],
  ])('%s', async (_name, fault, sentence, name) => {
    const { id, logger, failures } = await open('assumed_role');
    vault.fault = ({ path }) => (path.includes('/sts/') ? fault : undefined);
    const thrown: unknown = await id().catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name });
    clock.time += 2_000;
    await expect(id()).rejects.toThrow();
    expect(logger.lines).toEqual([
      {
        level: 'error',
        message: expect.stringMatching(/^VAULT_AWS_CREDENTIALS /),
        fields: { code: 'configuration_invalid' },
      },
    ]);
    expect(logger.lines[0]!.message.replace('VAULT_AWS_CREDENTIALS ', '')).toEqual(sentence);
    expect(inspect([thrown, logger.lines, failures.noted], { depth: Infinity })).not.toContain('canary');
    vault.fault = () => undefined;
    clock.time += 2_000;
    expect(await id()).toBe('SESSION-1');
  });
});

test('keys are in no error and no log', async () => {
  const { id, credentials, logger, failures } = await open('iam_user', { lease: { lease: '15s', lease_max: '60s' } });
  const keys = await credentials.current();
  vault.fault = () => ({ reply: { status: 500, body: { errors: [keys.accessKeyId, keys.secretAccessKey] } } });
  clock.time += 16_000;
  const thrown: unknown = await id().catch((error: unknown) => error);
  await credentials.end();
  const shown = inspect([thrown, logger.lines, failures.noted], { depth: Infinity, showHidden: true });
  for (const text of [keys.accessKeyId, keys.secretAccessKey]) expect(shown).not.toContain(text);
});
