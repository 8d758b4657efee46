import { credentialsOf, send, sign } from '../test/integration/local/signed-request';
import type { PreparedRequest } from './child-process';

/** Has the length of AI providers' keys. */
export const KEY = `sk-example-${'x'.repeat(97)}`;
/** Number of different messages that a server decrypts. */
export const MESSAGES = 50;

/** Returns tokens from the server itself. */
export async function makeTokens(port: number, home: string): Promise<string[]> {
  const url = `http://127.0.0.1:${port}/v1/providers/openai/encrypt`;
  const request = { method: 'POST', url, body: JSON.stringify({ plaintext: KEY }) };
  const replies = await Promise.all(
    Array.from({ length: MESSAGES }, () => send(credentialsOf(home, 'default'), request)),
  );
  return replies.map((reply) => String(reply.body['ciphertext']));
}

/** Returns a signed decrypt for each token. Signatures are valid for five minutes, so they are renewed. */
export function decryptRequests(port: number, home: string, tokens: readonly string[]): Promise<PreparedRequest[]> {
  const credentials = credentialsOf(home, 'default');
  const path = '/v1/providers/openai/decrypt';
  return Promise.all(
    tokens.map(async (ciphertext) => {
      const body = JSON.stringify({ ciphertext });
      const url = `http://127.0.0.1:${port}${path}`;
      return { method: 'POST', path, headers: await sign(credentials, { method: 'POST', url, body }), body };
    }),
  );
}
