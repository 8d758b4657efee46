import { createInterface } from 'node:readline';

export const accessKeyId = process.env.AWS_ACCESS_KEY_ID;
export const secretAccessKey = process.env.AWS_SECRET_ACCESS_KEY;
export const region = process.env.AWS_REGION;
export const service = 'execute-api';

/** Reads a request a line and writes a reply a line, as client-process.ts speaks of; how one is signed and sent is the client's. */
export async function exchange(send) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [method, url, body, ...fields] = line.split('\t');
    const headers = Object.fromEntries(fields.map((field) => field.split(/=(.*)/s, 2)));
    const sent = body === '-' ? undefined : Buffer.from(body, 'base64').toString();
    // A client that gives up is a result, too.
    const reply = await send({ method, url, body: sent, headers }).catch((thrown) => ({
      status: 'ERROR',
      text: String(thrown),
    }));
    process.stdout.write(`${reply.status}\t${Buffer.from(reply.text).toString('base64')}\n`);
  }
}
