import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LocalProcess, temporaryHome } from './local/local-process';
import { credentialsOf, fetchReply, sign, type Reply } from './local/signed-request';

/** Each planted text is found by its mark, independent of cuts and encodings. */
const MARK = 'KWCANARY';
let planted = 0;
const canary = (): string => `${MARK}${String((planted += 1)).padStart(4, '0')}x`;

const openai = '/v1/providers/openai';

/** All bytes of all files below a directory. */
function contentsOf(directory: string): Buffer[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? contentsOf(path) : [readFileSync(path)];
  });
}

test('no plaintext, key or signature in a log, an error, an audit event or a file, on any route', async () => {
  const { home, remove } = temporaryHome();
  const server = await LocalProcess.start(home);
  try {
    const secretReplies: Reply[] = [];
    const otherReplies: Reply[] = [];
    const open = async (...call: Parameters<LocalProcess['call']>): Promise<Reply> => {
      const reply = await server.call(...call);
      secretReplies.push(reply);
      return reply;
    };
    const closed = async (...call: Parameters<LocalProcess['call']>): Promise<Reply> => {
      const reply = await server.call(...call);
      otherReplies.push(reply);
      return reply;
    };

    // Successes: the plaintext is in the replies that return it, and nowhere else.
    const context = { [canary()]: canary() };
    const sealed = await closed('POST', `${openai}/encrypt`, { plaintext: canary(), context });
    const { ciphertext } = sealed.body;
    expect((await open('POST', `${openai}/decrypt`, { ciphertext, context })).text).toContain(MARK);
    await closed('POST', `${openai}/rewrap`, { ciphertext, context });
    const reference = 'r';
    const batch = { items: [{ plaintext: canary(), reference }, { plaintext: canary() }] };
    const sealedBatch = await closed('POST', `${openai}/encrypt-batch`, batch);
    const tokens = sealedBatch.body['results'] as { ciphertext: string }[];
    await open('POST', `${openai}/decrypt-batch`, { items: tokens.map((token) => ({ ciphertext: token.ciphertext })) });
    await closed('POST', `${openai}/rewrap-batch`, {
      items: tokens.map((token) => ({ ciphertext: token.ciphertext })),
    });
    // Long enough for a hint, whose four characters are not in the mark.
    await closed('PUT', `${openai}/credentials/c`, { api_key: `${canary()}-example-last`, metadata: { model: 'm' } });
    expect((await open('POST', `${openai}/credentials/c/reveal`)).text).toContain(MARK);
    await closed('GET', `${openai}/credentials/c`);
    await closed('GET', `${openai}/credentials`);

    // Failures: by token, context, shape, size, route, query, policy.
    await closed('POST', `${openai}/decrypt`, { ciphertext, context: { other: canary() } });
    await closed('POST', `${openai}/decrypt`, { ciphertext: `kw1.openai.1.${canary()}` });
    await closed('POST', `${openai}/decrypt`, { ciphertext: canary() });
    await closed('POST', `${openai}/decrypt-batch`, { items: [{ ciphertext: canary() }] });
    await closed('POST', `${openai}/encrypt`, { plaintext: canary(), [canary()]: 1 });
    await closed('POST', `${openai}/encrypt`, { plaintext: [canary()] });
    await closed('POST', `${openai}/encrypt`, `{"plaintext":"${canary()}"`);
    await closed('POST', `${openai}/encrypt`, `{"plaintext":"${canary()}","plaintext":"x"}`);
    await closed('POST', `${openai}/encrypt`, `{"plaintext":"${canary()}\\ud800"}`);
    await closed('POST', `${openai}/encrypt`, { plaintext: canary().repeat(6000) });
    await closed('POST', `${openai}/encrypt`, { plaintext: 'x', context: { [`keyward:${canary()}`]: canary() } });
    await closed('PUT', `${openai}/credentials/c`, { api_key: canary(), metadata: canary() });
    await closed('PUT', `${openai}/credentials/c`, { api_key: '', metadata: { [canary()]: canary() } });
    await closed('POST', `/v1/providers/${canary().toLowerCase()}/encrypt`, { plaintext: canary() });
    await closed('POST', `/v1/${canary()}`, { plaintext: canary() });
    await closed('GET', `/v1/audit/events?${canary()}=${canary()}`);
    await closed('GET', `/v1/audit/events?cursor=${canary()}`);
    await closed('GET', `${openai}/credentials?cursor=${canary()}`);
    await closed('POST', '/v1/providers/google/encrypt', { plaintext: canary() }, 'openai-only');

    // Valid and invalid signatures.
    const request = {
      method: 'POST',
      url: `${server.url}${openai}/encrypt`,
      body: JSON.stringify({ plaintext: canary() }),
    };
    const { host: _host, ...headers } = await sign(credentialsOf(home, 'default'), request);
    const signature = /Signature=([0-9a-f]{64})/.exec(headers['authorization'] ?? '')?.[1] ?? '';
    otherReplies.push(await fetchReply(request, headers));
    const badSignature = signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    const authorization = headers['authorization'] ?? '';
    otherReplies.push(
      await fetchReply(request, { ...headers, authorization: authorization.replace(signature, badSignature) }),
    );
    otherReplies.push(await fetchReply(request, { authorization: `Bearer ${canary()}` }));
    otherReplies.push(await fetchReply({ method: 'GET', url: `${server.url}/v1/${canary()}` }, {}));

    const audit = await server.call('GET', '/v1/audit/events?limit=500');
    expect((audit.body['events'] as unknown[]).length).toBeGreaterThan(20);
    const metrics = await server.call('GET', '/readyz');
    await server.stop();

    const told = [...otherReplies, audit, metrics].map((reply) => reply.text).concat(server.output);
    const { secretAccessKey } = credentialsOf(home, 'default');
    for (const text of told) {
      expect(text).not.toContain(MARK);
      expect(text.toLowerCase()).not.toContain(MARK.toLowerCase());
      for (const secret of [signature, badSignature, secretAccessKey]) expect(text).not.toContain(secret);
    }
    const hashes = Array.from({ length: planted }, (_, index) =>
      createHash('sha256')
        .update(`${MARK}${String(index + 1).padStart(4, '0')}x`)
        .digest('hex'),
    );
    for (const hash of hashes) expect(audit.text).not.toContain(hash);
    const marks = [MARK, MARK.toLowerCase(), signature, badSignature].flatMap((mark) => [
      Buffer.from(mark),
      Buffer.from(mark, 'utf16le'),
    ]);
    for (const bytes of contentsOf(home)) for (const mark of marks) expect(bytes.includes(mark)).toBe(false);
    expect(secretReplies).toHaveLength(3);
    expect(planted).toBeGreaterThan(30);
  } finally {
    await server.stop('SIGKILL');
    remove();
  }
});
