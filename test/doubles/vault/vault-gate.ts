import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { closeServer } from '../close-server';

/** What a gate answers in place of Vault. */
interface GateAnswer {
  readonly status: number;
  readonly body: object;
}

/** A way to a Vault that a test closes, and opens again. */
export interface VaultGate {
  readonly address: string;
  /** Left out: requests pass. `break` ends the connection without an answer. */
  answer: GateAnswer | 'break' | undefined;
  readonly close: () => Promise<void>;
}

/** Opens a gate in front of a Vault. */
export async function openVaultGate(address: string): Promise<VaultGate> {
  const server = createServer((request, response) => {
    void pass(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const gate: VaultGate = {
    address: `http://127.0.0.1:${port}`,
    answer: undefined,
    close: () => closeServer(server),
  };
  return gate;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { answer } = gate;
    if (answer === 'break') {
      request.socket.destroy();
      return;
    }
    if (answer !== undefined) {
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
      return;
    }
    const headers = Object.entries(request.headers).filter(([name]) => name.startsWith('x-vault-'));
    const asked = await fetch(`${address}${request.url ?? ''}`, {
      method: request.method ?? 'GET',
      headers: Object.fromEntries(headers) as Record<string, string>,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks).toString('utf8') }),
    });
    response.writeHead(asked.status, { 'content-type': 'application/json' }).end(await asked.text());
  }
}
