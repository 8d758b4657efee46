import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { systemClock } from '../../../lambdas/adapters/system/system-clock';
import { documentFor } from '../../../local/gateway/api-docs';
import { Gateway } from '../../../local/gateway/gateway';
import { firstPrincipals, parsePrincipals } from '../../../local/identity/principals';
import { newAccessKeys } from '../../../local/identity/credentials-file';
import { CountingMetrics, MemoryAudit, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { sdkSign, type SdkSigning } from '../../doubles/sdk-signer';
import { readAll, toBytes, toReply, type Reply, type Sent } from './raw-http';

/** The inputs and outputs of a gateway, with all its ports in memory. */
export interface ServedGateway {
  readonly audit: MemoryAudit;
  readonly logger: RecordingLogger;
  readonly metrics: CountingMetrics;
  /** The requests to its handler, which answers `{"done":true}`. */
  readonly events: readonly APIGatewayProxyEvent[];
  /** Sends exactly these bytes and reads until the connection ends. */
  exchange(bytes: string | Buffer): Promise<Reply>;
  open(): Promise<Socket>;
  /** An unsigned request without a body, on a separate connection. */
  ask(method: string, target: string, headers?: readonly string[]): Promise<Reply>;
  /** A signed request, ready to be sent or changed. */
  sign(
    asked: { readonly method: string; readonly path: string; readonly body?: string },
    by?: Partial<SdkSigning> & { readonly profile?: string },
  ): Promise<Sent>;
  close(): Promise<void>;
}

/** A gateway with the real documents and the principals of a first start. */
export async function serveGateway(): Promise<ServedGateway> {
  const [audit, logger, metrics] = [new MemoryAudit(), new RecordingLogger(), new CountingMetrics()];
  const events: APIGatewayProxyEvent[] = [];
  const keys = newAccessKeys(testRandomness);
  const gateway = new Gateway({
    region: 'us-east-1',
    principals: parsePrincipals(firstPrincipals(keys), keys, 'principals.json'),
    providers: ['openai', 'google'],
    handler: (event) => {
      events.push(event);
      return Promise.resolve({
        statusCode: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"done":true}',
      });
    },
    documents: documentFor,
    audit,
    clock: systemClock,
    randomness: testRandomness,
    logger,
    metrics,
  });
  const port = await gateway.listen(0, '127.0.0.1');
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const exchange = async (bytes: string | Buffer): Promise<Reply> => {
    const socket = await open();
    const reply = readAll(socket);
    socket.write(bytes);
    return toReply(await reply);
  };
  return {
    audit,
    logger,
    metrics,
    events,
    open,
    exchange,
    ask: (method, target, headers = []) =>
      exchange([`${method} ${target} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n')),
    sign: async ({ method, path, body = '' }, { profile = 'default', ...signing } = {}) => {
      const request = { method, path, headers: { host: `127.0.0.1:${port}` }, ...(body !== '' && { body }) };
      const signed = await sdkSign(request, { ...keys.get(profile)!, at: Date.now(), ...signing });
      const length = String(Buffer.byteLength(body));
      const headers = Object.entries({ ...signed, 'content-length': length, connection: 'close' });
      return { method, target: path, headers, body: Buffer.from(body) };
    },
    close: () => gateway.close(),
  };
}

export const send = async (served: ServedGateway, ...asked: Parameters<ServedGateway['sign']>): Promise<Reply> =>
  served.exchange(toBytes(await served.sign(...asked)));
