import { setTimeout as delay } from 'node:timers/promises';
import { PROBLEM_STATUSES } from '../../../lambdas/core/contract/problems';
import { newKekSecretRecord, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import type { KeywardError } from '../../../lambdas/core/errors/errors';
import { newWriteId } from '../../contract/random-name';
import { callVault, REAL_VAULT, startVaultUnderTest, type VaultUnderTest } from '../../contract/vault/vault-under-test';
import { testRandomness } from '../../doubles/memory-ports';
import { runs } from '../../effort';
import { describeUnless, testUnless } from '../../skip-without';
import { loadWhile, Served, type Load, type Process } from './decrypt-load';
import { cannotBeSealed, seal, unseal } from './faulty-vault';

/**
 * 200 decrypts a second while Vault fails. Nobody sees an error, because there is a good copy; a process without one answers 503.
 * `npm run test:vault` makes the faults on a real server.
 */

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

let vault: VaultUnderTest;
beforeAll(async () => {
  vault = await startVaultUnderTest();
});
afterAll(() => vault.close());

/** How long each state lasts. */
const STATE_MS = () => (vault.isReal ? 2_000 : runs(400, 200));

/** What a process without a copy answers. */
async function cold(served: Served): Promise<number> {
  const { secrets } = await served.process();
  return secrets.current().then(
    () => 200,
    (thrown: unknown) => PROBLEM_STATUSES[(thrown as KeywardError).code],
  );
}

function expectNoFailure(name: string, load: Load): void {
  const { sent, failed, logins, renewals, reads } = load;
  print(
    `${name}: ${sent} decrypts, ${failed.length} failed; ${reads} reads of the KEK, ${logins} logins, ${renewals} renewals`,
  );
  expect(failed).toEqual([]);
  expect(sent).toBeGreaterThan(50);
}

interface Fault {
  readonly name: string;
  readonly role?: object;
  readonly begin: (served: Served, process: Process) => Promise<unknown>;
  /** Left out: it is over by itself. */
  readonly end?: (served: Served) => Promise<unknown>;
  /** What a process that starts meanwhile answers. */
  readonly cold: number;
  readonly why?: string | undefined;
}

const dataOf = ({ rotator }: Served): string => rotator.kekPath.replace('/', '/data/');
const policyOf = ({ rotator }: Served): string => `sys/policies/acl/${rotator.role}`;

const FAULTS: readonly Fault[] = [
  { name: 'sealed and unsealed', begin: () => seal(vault), end: () => unseal(vault), cold: 503, why: cannotBeSealed() },
  {
    name: 'its token revoked',
    begin: async (_, { opened }) => {
      for (const token of new Set(opened.sent.map((each) => each.token)))
        if (token !== undefined) await vault.admin('POST', 'auth/token/revoke', { token });
    },
    cold: 200,
  },
  {
    name: 'its secret id used up, and the token at its end',
    role: { secret_id_num_uses: 1, token_ttl: '1s', token_max_ttl: '1s' },
    begin: () => delay(1_500),
    cold: 200,
  },
  {
    name: 'its policy changed, and changed back',
    begin: (served) => vault.admin('POST', policyOf(served), { policy: 'path "x" { capabilities = ["read"] }' }),
    end: (served) =>
      vault.admin('POST', policyOf(served), { policy: `path "${dataOf(served)}" { capabilities = ["read"] }` }),
    cold: 503,
  },
  {
    name: 'the version deleted, and undeleted',
    begin: (served) => vault.admin('DELETE', dataOf(served)),
    end: (served) => vault.admin('POST', dataOf(served).replace('/data/', '/undelete/'), { versions: [1] }),
    cold: 503,
  },
  {
    name: 'the version destroyed, and written again from a backup',
    begin: (served) => vault.admin('POST', dataOf(served).replace('/data/', '/destroy/'), { versions: [1] }),
    end: (served) =>
      vault.admin('POST', dataOf(served), {
        options: { cas: 1 },
        data: { token: newWriteId(), keyset: served.keyset },
      }),
    cold: 503,
  },
  {
    name: 'a conflict: another program has written, and the value is rolled back',
    begin: (served) => vault.admin('POST', dataOf(served), { options: { cas: 1 }, data: { password: 'x' } }),
    end: (served) =>
      vault.admin('POST', dataOf(served), {
        options: { cas: 2 },
        data: { token: newWriteId(), keyset: served.keyset },
      }),
    cold: 503,
  },
  {
    name: 'a rate limit quota',
    begin: ({ rotator }) =>
      vault.admin('POST', `sys/quotas/rate-limit/${rotator.role}`, {
        rate: 1,
        interval: '600s',
        path: `${rotator.mount}/`,
      }),
    end: ({ rotator }) => vault.admin('DELETE', `sys/quotas/rate-limit/${rotator.role}`),
    cold: 503,
  },
];

describe('no caller sees an error while', () => {
  for (const { name, role, begin, end, cold: status, why } of FAULTS) {
    testUnless(why, name, async () => {
      const served = await Served.start(vault, role);
      const process = await served.process();
      await process.secrets.current();
      const answers: number[] = [];
      const load = await loadWhile(process, async () => {
        await delay(STATE_MS());
        await begin(served, process);
        await delay(STATE_MS());
        answers.push(await cold(served));
        await end?.(served);
        await delay(STATE_MS());
      });
      expectNoFailure(name, load);
      expect(answers).toEqual([status]);
      expect(await cold(served)).toBe(200);
    });
  }

  test('its token lives for 5 s', async () => {
    const served = await Served.start(vault, { token_ttl: '5s' });
    const process = await served.process();
    const load = await loadWhile(process, () => delay(vault.isReal ? 12_000 : 4_000));
    expectNoFailure('a TTL of 5 s', load);
    expect(load.logins + load.renewals).toBeGreaterThanOrEqual(1);
    expect(process.metrics.of('kek_source_failed')).toBe(0);
  });

  test('its token lives for 5 s and cannot be renewed beyond', async () => {
    const served = await Served.start(vault, { token_ttl: '5s', token_max_ttl: '5s' });
    const process = await served.process();
    const load = await loadWhile(process, () => delay(vault.isReal ? 12_000 : 4_000));
    expectNoFailure('a longest TTL of 5 s', load);
    expect(load.logins).toBeGreaterThanOrEqual(1);
    expect(process.metrics.of('kek_source_failed')).toBe(0);
  });
});

test('a secret id that is used up: without a copy there is no answer, once asked and not again, and a new one serves', async () => {
  const served = await Served.start(vault, { secret_id_num_uses: 1, token_ttl: '1s', token_max_ttl: '1s' });
  const process = await served.process();
  await process.secrets.current();
  await delay(1_200);
  await expect(process.store.current()).rejects.toMatchObject({
    code: 'store_unavailable',
    outside: { name: 'VaultLoginRefused', kind: 'denied' },
  });
  const logins = () => process.opened.sent.filter(({ path }) => path.endsWith('login')).length;
  const before = logins();
  for (let count = 0; count < 10; count += 1) await process.store.current().catch(() => undefined);
  expect(logins()).toBe(before);
  expect(await cold(served)).toBe(200);
});

test('a write while the token is revoked is one new login, and is made once', async () => {
  const served = await Served.start(vault);
  const process = await served.process();
  const { versionId } = await process.store.current();
  const next = newWriteId();
  const text = serializeKekSecret(newKekSecretRecord(testRandomness, Date.now()));
  await process.store.putPending(next, text);
  const token = process.opened.sent.at(-1)!.token;
  await vault.admin('POST', 'auth/token/revoke', { token });
  await expect(process.store.moveCurrent(versionId, next)).resolves.toBe('moved');
  const { body } = await vault.admin('GET', dataOf(served));
  expect(body.data).toMatchObject({ data: { token: next, keyset: text }, metadata: { version: 2 } });
});

const standbyAddress = process.env[REAL_VAULT.standbyAddress] ?? '';
describeUnless(
  standbyAddress === '' ? 'only a real Vault with a second node has a standby' : undefined,
  'a standby',
  () => {
    test('redirects, is not followed, and counts as an outage; home serves meanwhile', async () => {
      const served = await Served.start(vault);
      const answer = await fetch(`${standbyAddress}/v1/${dataOf(served)}`, {
        redirect: 'manual',
        headers: { 'x-vault-token': vault.rootToken },
      });
      expect(answer.status).toBe(307);
      expect((await callVault(standbyAddress, 'GET', 'sys/health')).status).toBe(429);
      const { access } = await served.at(standbyAddress);
      await expect(access.paths()).rejects.toMatchObject({
        code: 'store_unavailable',
        outside: { name: 'VaultStandby', kind: 'outage' },
      });
    });
  },
);
