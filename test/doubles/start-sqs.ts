import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One queue that takes messages over HTTP and keeps them. */
export interface RunningSqs {
  readonly endpoint: string;
  readonly queueUrl: string;
  /** Bodies in the order of arrival. */
  readonly bodies: string[];
  /** While true, every request is answered with an error of the service. */
  down: boolean;
  close(): Promise<void>;
}

/**
 * Serves SendMessage on a free port of 127.0.0.1, in AWS JSON 1.0
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html): the SDK checks the MD5.
 */
export async function startSqs(): Promise<RunningSqs> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const isSend = request.headers['x-amz-target'] === 'AmazonSQS.SendMessage';
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      if (running.down || !isSend) {
        response.writeHead(isSend ? 503 : 400);
        response.end(JSON.stringify({ __type: isSend ? 'ServiceUnavailable' : 'UnknownOperationException' }));
        return;
      }
      const { MessageBody } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { MessageBody: string };
      bodies.push(MessageBody);
      const md5 = createHash('md5').update(MessageBody, 'utf8').digest('hex');
      response.end(JSON.stringify({ MessageId: randomUUID(), MD5OfMessageBody: md5 }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const running: RunningSqs = {
    endpoint,
    queueUrl: `${endpoint}/111111111111/keyward-rewrap`,
    bodies,
    down: false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  return running;
}
