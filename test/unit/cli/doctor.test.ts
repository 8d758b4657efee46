import type { ApiCall } from '../../../cli/client/api-call';
import { checkPermissions } from '../../../cli/doctor/check-permissions';
import { checkReadiness } from '../../../cli/doctor/check-readiness';
import { checkVault, hasVaultSettings } from '../../../cli/doctor/check-vault';
import { checkVersions } from '../../../cli/doctor/check-versions';
import { unreadyOf } from '../../../cli/client/unready-of';
import { CliError, EXIT, type Unready } from '../../../cli/io/cli-error';
import { GATEWAY_DETAILS } from '../../../lambdas/core/contract/problems';
import { engines, version } from '../../../package.json';

const denied = new CliError(EXIT.refused, 'access_denied', GATEWAY_DETAILS.notAllowed);
const invalid = new CliError(EXIT.requestRefused, 'invalid_request', 'plaintext is missing');

describe('permissions', () => {
  const calls: ApiCall[] = [];
  beforeEach(() => {
    calls.length = 0;
  });
  const send = (answer: (call: ApiCall) => Error | object) => async (call: ApiCall) => {
    calls.push(call);
    const given = answer(call);
    if (given instanceof Error) throw given;
    return given as Record<string, unknown>;
  };
  const LISTED = { providers: [{ provider: 'openai' }, { provider: 'google' }] };

  test('all of them', async () => {
    expect(
      await checkPermissions(
        send(({ path }) => (path === '/v1/providers' ? LISTED : invalid)),
        undefined,
      ),
    ).toEqual({
      check: 'permissions',
      status: 'ok',
      detail: 'openai: all; google: all; as an operator: keysets, rotations, kek, audit',
    });
  });

  test('some of them, where the caller may not know which providers there are', async () => {
    const may = ['/v1/providers/openai/encrypt', '/v1/providers/openai/credentials'];
    expect(
      await checkPermissions(
        send(({ path }) => (may.includes(path) ? invalid : denied)),
        undefined,
      ),
    ).toMatchObject({
      status: 'ok',
      detail:
        'openai: encrypt, manage-credentials; anthropic: nothing; google: nothing; global: nothing; as an operator: nothing',
    });
  });

  test.each([
    ['change-metadata', 'PATCH', '/v1/providers/openai/credentials/doctor'],
    ['restore-credentials', 'POST', '/v1/providers/openai/credentials/doctor/restore'],
    ['purge-credentials', 'POST', '/v1/providers/openai/credentials/doctor/purge'],
  ])('%s, and no other', async (grant, method, path) => {
    const only = send((call) => (call.method === method && call.path === path ? invalid : denied));
    expect(await checkPermissions(only, 'openai')).toMatchObject({
      detail: `openai: ${grant}; as an operator: nothing`,
    });
  });

  test('a service of before lacks calls, and no provider', async () => {
    const lacks = (call: ApiCall): Error | object => {
      if (call.path === '/v1/providers') return LISTED;
      if (call.method === 'PATCH')
        return new CliError(EXIT.requestRefused, 'method_not_allowed', 'not with this method');
      if (/(restore|purge)$/.test(call.path)) return new CliError(EXIT.notFound, 'route_not_found', 'no such path');
      return invalid;
    };
    expect(await checkPermissions(send(lacks), 'openai')).toMatchObject({
      status: 'ok',
      detail:
        'openai: encrypt, decrypt, rewrap, manage-credentials, reveal; as an operator: keysets, rotations, kek, audit',
    });
  });

  test('none', async () => {
    expect(
      await checkPermissions(
        send(() => denied),
        undefined,
      ),
    ).toMatchObject({ status: 'fail', exitCode: 3 });
  });

  test('of one provider, and of one that is not there', async () => {
    const lacking = send(({ path }) => {
      if (path === '/v1/providers') return LISTED;
      return path.includes('/nosuch/')
        ? new CliError(EXIT.notFound, 'provider_not_found', 'no such provider')
        : invalid;
    });
    expect(await checkPermissions(lacking, 'google')).toMatchObject({
      detail: 'google: all; as an operator: keysets, rotations, kek, audit',
    });
    expect(await checkPermissions(lacking, 'nosuch')).toMatchObject({
      status: 'fail',
      remedy: 'the providers are openai, google',
      exitCode: 4,
    });
  });

  test('a signature that does not hold, or a service that fails, says nothing of policies', async () => {
    for (const error of [
      new CliError(EXIT.refused, 'access_denied', `${GATEWAY_DETAILS.unsigned}; this machine's clock is off`),
      new CliError(EXIT.unavailable, 'keys_unavailable', 'try again'),
    ]) {
      await expect(
        checkPermissions(
          send(() => error),
          undefined,
        ),
      ).rejects.toBe(error);
    }
  });

  test('what is sent reads nothing, writes nothing, and holds no key', async () => {
    await checkPermissions(
      send(({ path }) => (path === '/v1/providers' ? LISTED : invalid)),
      'openai',
    );
    for (const { method, path, query, body } of calls.slice(1)) {
      const isInvalid = query?.['limit'] === '0' || query?.['doctor'] !== undefined || JSON.stringify(body) === '{}';
      expect({ method, path, isInvalid }).toEqual({ method, path, isInvalid: true });
    }
    expect(calls.map(({ method }) => method)).not.toContain('DELETE');
  });
});

describe('readiness', () => {
  test.each<[string, object | Error, object]>([
    ['ready', { ready: true, providers: [{ provider: 'openai' }] }, { status: 'ok' }],
    ['not ready', { ready: false }, { status: 'fail', exitCode: 6 }],
    ['not to be asked', denied, { status: 'warn', remedy: expect.stringContaining('keysets') }],
    [
      'not to be asked with a signature that does not hold, whatever the grants are',
      new CliError(EXIT.refused, 'access_denied', `${GATEWAY_DETAILS.unsigned}; this machine's clock is off`),
      { check: 'readiness', status: 'warn', detail: 'not checked: it needs a valid signature' },
    ],
  ])('%s', async (_, reply, finding) => {
    const answer = async (): Promise<Record<string, unknown>> => {
      if (reply instanceof Error) throw reply;
      return reply as Record<string, unknown>;
    };
    expect(await checkReadiness(answer, { provider: undefined, remedy: 'look' })).toMatchObject(finding);
  });

  test('a 503 that does not say what is not ready is what the reply says', async () => {
    const error = new CliError(EXIT.unavailable, 'audit_unavailable', 'the audit log does not answer');
    const asked = { provider: undefined, remedy: 'look' };
    await expect(checkReadiness(() => Promise.reject(error), asked)).rejects.toBe(error);
  });

  const KEYS_AWAY = [{ provider: 'google', code: 'keys_unavailable' }];
  const NAMED = 'these do not encrypt and decrypt: google (keys_unavailable)';
  const AWAY = 'the audit log does not answer, and no call is answered without it';

  test.each<[string, string | undefined, Unready, object]>([
    ['a provider', undefined, { audit: true, providers: KEYS_AWAY }, { status: 'fail', detail: NAMED, exitCode: 6 }],
    ['the one that is asked for', 'google', { audit: true, providers: KEYS_AWAY }, { status: 'fail', detail: NAMED }],
    [
      'another one than is asked for',
      'openai',
      { audit: true, providers: KEYS_AWAY },
      { status: 'warn', detail: `openai encrypts and decrypts, the audit log answers; ${NAMED}` },
    ],
    ['the audit log', 'openai', { audit: false, providers: [] }, { status: 'fail', detail: AWAY }],
    ['both', 'openai', { audit: false, providers: KEYS_AWAY }, { status: 'fail', detail: `${NAMED}; ${AWAY}` }],
  ])('says what is not ready, and what to do: %s', async (_, provider, unready, finding) => {
    const error = new CliError(EXIT.unavailable, 'keys_unavailable', 'not ready', undefined, { unready });
    const found = await checkReadiness(() => Promise.reject(error), { provider, remedy: 'look at the log' });
    expect(found).toMatchObject({ check: 'readiness', remedy: 'look at the log', ...finding });
  });

  test('what is not ready is read from the reply only where it is of the form that it should be', () => {
    const ready = { provider: 'openai', ready: true };
    const failing = { provider: 'google', ready: false, code: 'keys_unavailable' };
    const document = { ready: false, audit: true, providers: [ready, failing] };
    expect(unreadyOf(document)).toEqual({ audit: true, providers: KEYS_AWAY });
    expect(unreadyOf({ ...document, audit: false, providers: [] })).toEqual({ audit: false, providers: [] });
    for (const code of [undefined, 7, 'an \u001b[1m', 'x'.repeat(65)]) {
      const providers = [{ ...failing, code }, { provider: '\u001b[1m', ready: false }, { ready: false }, null];
      expect(unreadyOf({ ...document, providers })).toEqual({
        audit: true,
        providers: [{ provider: 'google', code: 'unknown' }],
      });
    }
    for (const other of [{ ready: true }, { audit: 'no' }, { providers: 'none' }, { providers: [ready] }]) {
      expect(unreadyOf({ ...document, ...other })).toBeUndefined();
    }
  });
});

test.each([
  ['v20.18.9', 'fail'],
  ['v18.20.8', 'fail'],
  [`v${engines.node.replace('>=', '')}.0`, 'ok'],
  ['v22.0.0', 'ok'],
  ['v100.1.0', 'ok'],
])('Node %s: %s', async (node, status) => {
  expect(await checkVersions(node, undefined)).toMatchObject({ status, detail: `keyward ${version}, Node ${node}` });
});

describe('Vault', () => {
  test('is examined where the environment is that of a local server with its KEK there', async () => {
    expect([{}, { SECRETS_PROVIDER: 'local' }, { SECRETS_PROVIDER: 'vault' }].map(hasVaultSettings)).toEqual([
      false,
      false,
      true,
    ]);
    expect(await checkVault({ SECRETS_PROVIDER: 'vault' })).toEqual({
      check: 'vault',
      status: 'fail',
      detail: 'VAULT_ROLE_ID is not set',
      remedy: 'correct it before the next start',
      exitCode: 2,
    });
    const wrapped = {
      VAULT_ADDR: 'https://vault.example',
      VAULT_ROLE_ID: 'r',
      VAULT_WRAPPED_SECRET_ID: 'hvs.example',
      KEYWARD_HOME: '/nowhere',
    };
    expect(await checkVault(wrapped)).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/npm start/) as string,
    });
  });
});
