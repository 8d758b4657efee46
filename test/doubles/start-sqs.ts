import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from './close-server';

/** One queue that takes messages over HTTP and stores them. */
export interface RunningSqs {
  readonly endpoint: string;
  readonly queueUrl: string;
  /** Bodies in order of arrival. */
  readonly bodies: string[];
  /** The delay of each body, in seconds; undefined for a message without one. */
  readonly delays: (number | undefined)[];
  /** The number of messages in each call. */
  readonly batches: number[];
  /** Whether the queue takes this entry of a batch, which it may refuse while it takes others. */
  takes: (body: string) => boolean;
  /** While true, every request fails with an error of the service. */
  down: boolean;
  close(): Promise<void>;
}

interface Message {
  readonly Id?: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
}

/** The service's limit for one batch. */
const MAX_BATCH = 10;

/**
 * Serves SendMessage and SendMessageBatch on a free port of 127.0.0.1, in AWS JSON 1.0
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html, API_SendMessageBatch.html): the SDK
 * checks the MD5.
 */
export async function startSqs(): Promise<RunningSqs> {
  const keep = ({ MessageBody, DelaySeconds }: Message): object => {
    running.bodies.push(MessageBody);
    running.delays.push(DelaySeconds);
    const md5 = createHash('md5').update(MessageBody, 'utf8').digest('hex');
    return { MessageId: randomUUID(), MD5OfMessageBody: md5 };
  };
  const keepBatch = (entries: readonly Message[]): object => {
    running.batches.push(entries.length);
    const [taken, refused] = [true, false].map((wanted) =>
      entries.filter(({ MessageBody }) => running.takes(MessageBody) === wanted),
    );
    return {
      Successful: taken!.map((entry) => ({ Id: entry.Id, ...keep(entry) })),
      Failed: refused!.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError' })),
    };
  };
  const answerTo = (operation: string | undefined, body: string): [status: number, answer: object] => {
    if (operation !== 'SendMessage' && operation !== 'SendMessageBatch') {
      return [400, { __type: 'UnknownOperationException' }];
    }
    if (running.down) return [503, { __type: 'ServiceUnavailable' }];
    const input = JSON.parse(body) as Message & { Entries: readonly Message[] };
    if (operation === 'SendMessage') return [200, keep(input)];
    if (input.Entries.length > MAX_BATCH) return [400, { __type: 'com.amazonaws.sqs#TooManyEntriesInBatchRequest' }];
    return [200, keepBatch(input.Entries)];
  };
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [, operation] = String(request.headers['x-amz-target']).split('.');
      const [status, answer] = answerTo(operation, Buffer.concat(chunks).toString('utf8'));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const running: RunningSqs = {
    endpoint,
    queueUrl: `${endpoint}/111111111111/keyward-rewrap`,
    bodies: [],
    delays: [],
    batches: [],
    takes: () => true,
    down: false,
    close: () => closeServer(server),
  };
  return running;
}
