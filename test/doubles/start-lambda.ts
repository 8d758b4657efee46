import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { closeServer } from './close-server';

/** The service's answer to one invocation. */
export interface LambdaAnswer {
  readonly payload: string;
  /** Value of the header `X-Amz-Function-Error`: the function threw. */
  readonly functionError?: string;
  /** A status other than 200: the service did not run it. */
  readonly status?: number;
}

export interface RunningLambda {
  readonly endpoint: string;
  /** Names and payloads in order of arrival. */
  readonly invocations: { readonly functionName: string; readonly payload: unknown }[];
  close(): Promise<void>;
}

/**
 * Serves Invoke for any function on a free port of 127.0.0.1
 * (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
 */
export async function startLambda(answer: () => LambdaAnswer | Promise<LambdaAnswer>): Promise<RunningLambda> {
  const invocations: RunningLambda['invocations'] = [];
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void (async () => {
      const [, functionName] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
      invocations.push({ functionName: decodeURIComponent(functionName ?? ''), payload: await json(request) });
      const { payload, functionError, status = 200 } = await answer();
      if (functionError !== undefined) response.setHeader('x-amz-function-error', functionError);
      response.writeHead(functionName === undefined ? 404 : status, { 'content-type': 'application/json' });
      response.end(payload);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    invocations,
    close: () => closeServer(server),
  };
}
