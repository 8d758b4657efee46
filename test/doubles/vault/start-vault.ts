import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VaultService, type ServiceReply } from './vault-service';
import { closeServer } from '../close-server';

/** The fault of the next requests. */
type VaultFault = { readonly reply: ServiceReply } | 'hang' | 'refuse' | 'drop_answer';

interface VaultCallSeen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface RunningVault {
  readonly address: string;
  readonly rootToken: string;
  readonly service: VaultService;
  readonly calls: VaultCallSeen[];
  /** Called for each request; undefined: it is served. */
  fault: (call: VaultCallSeen) => VaultFault | undefined;
  /** Breaks the connections of the requests that hang. */
  dropHanging(): void;
  close(): Promise<void>;
}

/** Go's encoding/json escapes three characters (https://pkg.go.dev/encoding/json#Marshal). */
const goJson = (value: object): string =>
  JSON.stringify(value).replace(/[<>&]/g, (each) => `\\u00${each.charCodeAt(0).toString(16)}`);

/** Serves the double on a free port of 127.0.0.1. */
export async function startVault(now: () => number = Date.now): Promise<RunningVault> {
  const service = new VaultService(now);
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });
  const calls: VaultCallSeen[] = [];
  const hanging: ServerResponse[] = [];

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://localhost');
    const { method = '', headers } = incoming;
    const body = Buffer.concat(chunks).toString('utf8');
    const call = { method, path: pathname.replace(/^\/v1\//, ''), headers, body };
    calls.push(call);
    const fault = running.fault(call);
    if (fault === 'hang') {
      hanging.push(response);
      return;
    }
    if (fault === 'refuse') {
      response.destroy();
      return;
    }
    const wrap = /^(\d+)s?$/.exec(String(headers['x-vault-wrap-ttl']))?.[1];
    const members = (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>;
    const reply =
      typeof fault === 'object'
        ? fault.reply
        : call.path === 'auth/aws/login'
          ? await service.logInByAws(members)
          : service.call({
              // "POST and PUT are the same" (HTTP API, "API operations").
              method: method === 'PUT' ? 'POST' : method,
              path: call.path,
              query: searchParams,
              token: headers['x-vault-token'] as string | undefined,
              wrapSeconds: wrap === undefined ? undefined : Number(wrap),
              body: members,
            });
    if (fault === 'drop_answer') response.destroy();
    else {
      response.writeHead(reply.status, { 'content-type': 'application/json' });
      response.end(reply.body === undefined ? '' : goJson(reply.body));
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const running: RunningVault = {
    address: `http://127.0.0.1:${port}`,
    rootToken: service.tokens.root,
    service,
    calls,
    fault: () => undefined,
    dropHanging: () => {
      for (const response of hanging.splice(0)) response.destroy();
    },
    close: () => closeServer(server),
  };
  return running;
}
