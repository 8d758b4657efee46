import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** Sends a request that came to a proxy on to a Vault, and returns its answer. */
export async function passToVault(
  address: string,
  request: IncomingMessage,
): Promise<{ status: number; text: string }> {
  const body = await buffer(request);
  const headers = Object.entries(request.headers).filter(([name]) => name.startsWith('x-vault-'));
  const answer = await fetch(`${address}${request.url ?? ''}`, {
    method: request.method ?? 'GET',
    headers: Object.fromEntries(headers) as Record<string, string>,
    ...(body.length > 0 && { body }),
  });
  return { status: answer.status, text: await answer.text() };
}
