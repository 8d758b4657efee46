import { KeywardError } from '../../../lambdas/core/errors/errors';
import type { CredentialView } from '../../../lambdas/core/credentials/credential-view';
import type { PreviousView } from '../../../lambdas/core/credentials/read-credentials';
import type { Application } from '../../../lambdas/core/runtime/create-application';
import { EXAMPLES } from './examples';
import { bodyOf, testApi } from './test-api';

const path = '/v1/providers/openai/credentials/default';
const body = { api_key: 'sk-example-not-a-real-key' };
const credential = { ...(EXAMPLES.putCredential.reply as CredentialView), revision: 4 };
const place = { provider: 'openai', name: 'default' };
const caller = expect.objectContaining({ request_id: 'request-1' }) as unknown;

describe('putting a credential', () => {
  it.each([
    [true, 201],
    [false, 200],
  ])('created: %j answers %d with the revision as ETag, and no key', async (created, status) => {
    const putCredential = jest.fn(async () => ({ credential, created }));
    const { call } = testApi({ putCredential });
    const reply = await call('credentials', { method: 'PUT', path, body: { ...body, metadata: { a: [1, null] } } });
    expect([reply.statusCode, reply.headers?.['etag'], bodyOf(reply)]).toStrictEqual([status, '"4"', credential]);
    expect(putCredential).toHaveBeenCalledWith(caller, { ...place, ...body, metadata: { a: [1, null] } });
  });

  it.each([
    [{}, {}],
    [{ format: null, metadata: null }, {}],
    [{ format: 'text' }, { format: 'text' }],
    [
      { format: 'document', metadata: {} },
      { format: 'document', metadata: {} },
    ],
  ])('hands on %j, and nothing in the place of what is left out', async (more, handed) => {
    const putCredential = jest.fn(async () => ({ credential, created: false }));
    const reply = await testApi({ putCredential }).call('credentials', {
      method: 'PUT',
      path,
      body: { ...body, ...more },
    });
    expect(bodyOf(reply)).toStrictEqual(credential);
    expect(putCredential).toHaveBeenCalledWith(caller, { ...place, ...body, ...handed });
  });

  it.each([
    ['', 'is empty'],
    ['é'.repeat(16_385), 'has more than 32768 bytes'],
  ])('of %#: reports a value that no format accepts', async (api_key, fault) => {
    const reply = await testApi().call('credentials', { method: 'PUT', path, body: { api_key, format: 'text' } });
    expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([400, `api_key: ${fault}; no format accepts it`]);
  });

  it('of another format than there is tells those that there are', async () => {
    const reply = await testApi().call('credentials', { method: 'PUT', path, body: { ...body, format: 'pem' } });
    expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([
      400,
      'format: must be one of key, document, text',
    ]);
  });

  it.each([
    [{}, undefined],
    [{ 'If-Match': '"3"' }, { one_of: [3] }],
    [{ 'If-Match': '"3", "4"' }, { one_of: [3, 4] }],
    [{ 'If-Match': ' ,"3",,\t"5" , ' }, { one_of: [3, 5] }],
    [{ 'If-Match': '"3","4"', 'if-match': '"6"' }, { one_of: [3, 4, 6] }],
    // A weak tag never matches strongly, and no other spelling is a valid revision.
    [{ 'if-match': 'W/"3"' }, { one_of: [] }],
    [{ 'if-match': 'W/"3", "4"' }, { one_of: [4] }],
    [{ 'if-match': '"03"' }, { one_of: [] }],
    [{ 'if-match': '"0", "-1", "1.0", "1e3", "", "a,b", "9999999999999999"' }, { one_of: [] }],
    [{ 'if-none-match': '"3"' }, { none_of: [3] }],
    [{ 'if-none-match': 'W/"3", "x", "4"' }, { none_of: [3, 4] }],
    [{ 'if-match': ' * ' }, 'exists'],
    [{ 'if-match': '*' }, 'exists'],
    [{ 'IF-NONE-MATCH': '*' }, 'absent'],
  ])('with %j demands %j', async (headers, precondition) => {
    const putCredential = jest.fn<ReturnType<Application['putCredential']>, Parameters<Application['putCredential']>>(
      async () => ({ credential, created: false }),
    );
    await testApi({ putCredential }).call('credentials', { method: 'PUT', path, body, headers });
    expect(putCredential.mock.calls[0]?.[1].precondition).toStrictEqual(precondition);
  });

  it.each([
    [{ 'if-match': '3' }],
    [{ 'if-match': '' }],
    [{ 'if-match': ',' }],
    [{ 'if-match': '"3' }],
    [{ 'if-match': '"3" "4"' }],
    [{ 'if-match': 'w/"3"' }],
    [{ 'if-match': '"a b"' }],
    [{ 'if-match': '*, "3"' }],
    [{ 'if-match': '*', 'If-Match': '*' }],
    [{ 'if-match': '"3", *' }],
    [{ 'if-match': `"1"${' ,  '.repeat(2_000)}x` }],
    [{ 'if-none-match': '**' }],
    [{ 'if-match': '*', 'if-none-match': '*' }],
  ])('with %j is refused', async (headers) => {
    const reply = await testApi().call('credentials', { method: 'PUT', path, body, headers });
    expect([reply.statusCode, bodyOf(reply)['code']]).toStrictEqual([400, 'invalid_request']);
  });

  it('that fails its condition is 412', async () => {
    const refuse = () => Promise.reject(new KeywardError('precondition_failed', 'the revision is another'));
    const reply = await testApi({ putCredential: refuse }).call('credentials', { method: 'PUT', path, body });
    expect(reply.statusCode).toBe(412);
  });
});

describe('deleting a credential', () => {
  it('answers 204 without a body', async () => {
    const deleteCredential = jest.fn(async () => undefined);
    const { call } = testApi({ deleteCredential });
    const reply = await call('credentials', { method: 'DELETE', path });
    expect([reply.statusCode, reply.body]).toStrictEqual([204, '']);
    expect(deleteCredential).toHaveBeenLastCalledWith(caller, { ...place, purge: false });
    await call('credentials', { method: 'DELETE', path, query: { previous: 'purge' } });
    expect(deleteCredential).toHaveBeenLastCalledWith(caller, { ...place, purge: true });
    await call('credentials', { method: 'DELETE', path, headers: { 'if-match': '"7"' } });
    const precondition = { one_of: [7] };
    expect(deleteCredential).toHaveBeenLastCalledWith(caller, { ...place, purge: false, precondition });
  });

  it.each(['', 'keep', 'Purge', 'true', 'purge '])('takes no other word than purge: %j', async (previous) => {
    const deleteCredential = jest.fn(async () => undefined);
    const { call } = testApi({ deleteCredential });
    const { statusCode } = await call('credentials', { method: 'DELETE', path, query: { previous } });
    // An empty parameter is handled as an absent one.
    expect(statusCode).toBe(previous === '' ? 204 : 400);
    const asked = previous === '' ? [[caller, { ...place, purge: false }]] : [];
    expect(deleteCredential.mock.calls).toStrictEqual(asked);
  });

  it('does not take If-None-Match', async () => {
    const reply = await testApi().call('credentials', { method: 'DELETE', path, headers: { 'if-none-match': '*' } });
    expect(reply.statusCode).toBe(400);
  });
});

describe('reading credentials', () => {
  it.each([
    [{}, false],
    [{ consistent: 'true' }, true],
    [{ consistent: 'false' }, false],
  ])('with %j is consistent: %j', async (query, consistent) => {
    const describeCredential = jest.fn(async () => credential);
    const revealCredential = jest.fn(async () => ({ ...credential, ...body }));
    const { call } = testApi({ describeCredential, revealCredential });

    const described = await call('credentials', { path, query });
    expect([described.statusCode, described.headers?.['etag'], bodyOf(described)]).toStrictEqual([
      200,
      '"4"',
      credential,
    ]);
    expect(describeCredential).toHaveBeenCalledWith({ ...place, consistent });

    const revealed = await call('credentials', { method: 'POST', path: `${path}/reveal`, query });
    expect([revealed.statusCode, bodyOf(revealed)]).toStrictEqual([200, { ...credential, ...body }]);
    expect(revealCredential).toHaveBeenCalledWith(caller, { ...place, consistent });
  });

  it('shows no key where the use case lets one slip', async () => {
    const slip = async () => ({ ...credential, ...body, ciphertext: 'kw1.openai.1.AAAA', write_id: 'w' });
    const reply = await testApi({ describeCredential: slip }).call('credentials', { path });
    expect(bodyOf(reply)).toStrictEqual(credential);
  });

  it('pages through a list', async () => {
    const listCredentials = jest.fn<
      ReturnType<Application['listCredentials']>,
      Parameters<Application['listCredentials']>
    >(async ({ after }) => ({ credentials: [credential], ...(after === undefined && { next: 'default' }) }));
    const { call } = testApi({ listCredentials });
    const list = '/v1/providers/openai/credentials';

    const first = bodyOf(await call('credentials', { path: list }));
    expect(first['credentials']).toStrictEqual([credential]);
    const query = { cursor: String(first['next_cursor']), limit: '7', consistent: 'true' };
    const second = bodyOf(await call('credentials', { path: list, query }));
    expect(second).toStrictEqual({ credentials: [credential] });
    expect(listCredentials.mock.calls).toStrictEqual([
      [{ provider: 'openai', limit: 50, consistent: false }],
      [{ provider: 'openai', limit: 7, consistent: true, after: 'default' }],
    ]);
  });

  it('names those whose rows somebody has edited beside the others', async () => {
    const { call } = testApi({ listCredentials: async () => ({ credentials: [credential], damaged: ['spare'] }) });
    const reply = await call('credentials', { path: '/v1/providers/openai/credentials' });
    expect(bodyOf(reply)).toStrictEqual({ credentials: [credential], damaged: ['spare'] });
  });
});

describe('deleted credentials', () => {
  it('are listed where they are asked for, page by page, beside no live one', async () => {
    const { revision, ...previous } = EXAMPLES.describePreviousValue.reply as PreviousView;
    const deleted = { ...place, revision: 2, deleted_at: previous.replaced_at, previous: { revision, ...previous } };
    const listDeletedCredentials = jest.fn(async () => ({ deleted: [deleted], next: 'default' }));
    const { call } = testApi({ listDeletedCredentials });
    const list = async (query: Record<string, string>) =>
      bodyOf(await call('credentials', { path: '/v1/providers/openai/credentials', query }));
    const { next_cursor: cursor, ...page } = await list({ deleted: 'true', consistent: 'true', limit: '7' });
    expect(page).toStrictEqual({ credentials: [], deleted: [deleted] });
    await list({ deleted: 'true', cursor: cursor as string });
    expect(listDeletedCredentials.mock.calls).toMatchObject([
      [{ provider: 'openai', limit: 7, consistent: true }],
      [{ provider: 'openai', after: 'default', consistent: false }],
    ]);
  });
});

describe('patching the metadata', () => {
  const patch = async (sent: unknown) => {
    const patchMetadata = jest.fn(async () => credential);
    const { call } = testApi({ patchMetadata });
    const reply = await call('credentials', { method: 'PATCH', path, body: sent });
    return { status: reply.statusCode, asked: patchMetadata.mock.calls as unknown[][] };
  };

  it('has null say that a member goes, at any depth: there it is not as left out', async () => {
    const metadata = { base_url: null, contact: { phone: null }, list: [null], team: 'search' };
    const { status, asked } = await patch({ metadata });
    expect(status).toBe(200);
    expect(asked).toStrictEqual([[caller, { ...place, patch: metadata }]]);
  });

  it.each([{}, { metadata: null }, { metadata: [] }, { metadata: 'a' }, { metadata: {}, api_key: 'x' }, undefined])(
    'refuses %j',
    async (sent) => {
      expect(await patch(sent)).toStrictEqual({ status: 400, asked: [] });
    },
  );
});

describe('a path that has no name of a credential in it', () => {
  const long = `sk-proj-${'x'.repeat(156)}`;

  it('is looked up if it looks like an API key, so that it is recorded', async () => {
    const revealCredential = jest.fn(async () => ({ ...credential, ...body }));
    const { call } = testApi({ revealCredential });
    const path = (name: string) => `/v1/providers/openai/credentials/${name}/reveal`;
    expect((await call('credentials', { method: 'POST', path: path(long) })).statusCode).toBe(200);
    for (const name of ['_', 'n'.repeat(129), `${long}é`, `sk-${'x'.repeat(510)}`]) {
      expect((await call('credentials', { method: 'POST', path: path(name) })).statusCode).toBe(404);
    }
    expect(revealCredential.mock.calls).toStrictEqual([
      [caller, { provider: 'openai', name: long, consistent: false }],
    ]);
  });

  it.each([
    [long, 'looks like an API key'],
    ['_', 'is not a valid credential name'],
  ])('%s cannot be made: it %s', async (name, rule) => {
    const { call } = testApi();
    const reply = await call('credentials', { method: 'PUT', path: `/v1/providers/openai/credentials/${name}`, body });
    expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([400, expect.stringContaining(`name: ${rule}`)]);
  });
});
