import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { closeServer } from '../close-server';
import { passToVault } from './pass-to-vault';

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
    const { answer } = gate;
    if (answer === 'break') {
      request.socket.destroy();
      return;
    }
    if (answer !== undefined) {
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
      return;
    }
    const { status, text } = await passToVault(address, request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  }
}
