import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorOf, Faults } from './faults';
import type { Request } from './request';
import { SecretsManagerService } from './secrets-manager-service';
import { ServiceError } from './service-error';
import { closeServer } from '../close-server';

/** A call in order of arrival. `outcome` is `ok`, the exception's name, or the fault of the connection. */
interface SecretsManagerCall {
  readonly operation: string;
  readonly region: string;
  readonly request: Request;
  outcome: string;
}

/** A running double: one endpoint for all regions. */
export interface RunningSecretsManager {
  readonly endpoint: string;
  readonly service: SecretsManagerService;
  readonly faults: Faults;
  readonly calls: SecretsManagerCall[];
  /** Closes open connections. */
  close(): Promise<void>;
}

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const TARGET = /^secretsmanager\.([A-Za-z]+)$/;
/** The region is the one that the request was signed for: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html */
const SIGNED_REGION = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\/secretsmanager\/aws4_request/;

/**
 * Serves the double on a free port of 127.0.0.1 in the service's own protocol, AWS JSON 1.1
 * (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html). Signatures are read, not checked.
 *
 * @param now the service's clock, in milliseconds
 */
export async function startSecretsManager(now: () => number = Date.now): Promise<RunningSecretsManager> {
  const service = new SecretsManagerService(now);
  const faults = new Faults();
  const calls: SecretsManagerCall[] = [];
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void serve(request, response).catch(() => response.destroy());
  });

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const operation = TARGET.exec(String(incoming.headers['x-amz-target']))?.[1];
    const region = SIGNED_REGION.exec(incoming.headers.authorization ?? '')?.[1];
    if (operation === undefined || region === undefined) {
      sendError(
        response,
        new ServiceError(operation ? 'IncompleteSignatureException' : 'UnknownOperationException', ''),
      );
      return;
    }
    const call: SecretsManagerCall = {
      operation,
      region,
      request: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Request,
      outcome: 'open',
    };
    calls.push(call);

    const effect = faults.next(operation, region);
    if (effect?.kind === 'hang') return;
    if (effect?.kind === 'refuse') {
      call.outcome = 'refused';
      response.destroy();
      return;
    }
    if (effect?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, effect.ms));
    try {
      const failure = errorOf(effect);
      if (failure !== undefined) throw failure;
      const reply = service.call(operation, region, call.request);
      if (effect?.kind === 'drop_answer') {
        call.outcome = 'dropped';
        response.destroy();
        return;
      }
      call.outcome = 'ok';
      send(response, 200, reply);
    } catch (thrown) {
      const error = thrown instanceof ServiceError ? thrown : new ServiceError('InternalServiceError', 'bug', 500);
      call.outcome = error.name;
      sendError(response, error);
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    service,
    faults,
    calls,
    close: () => closeServer(server),
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': randomUUID() });
  response.end(JSON.stringify(body));
}

const sendError = (response: ServerResponse, error: ServiceError): void => {
  send(response, error.status, { __type: error.name, Message: error.message });
};
