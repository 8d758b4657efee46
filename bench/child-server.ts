import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ENVIRONMENT } from '../lambdas/core/contract/environment';
import { startLocal } from '../local/start-local';

/** A server in a process of its own, so that load and server do not share an event loop. Argument: `keyward` or `bare`. */

/** The peer: parses a JSON body, answers JSON of about the size of a decrypt's reply, and does nothing else. */
function startBare(): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { ciphertext } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { ciphertext: string };
      const body = JSON.stringify({
        plaintext: ciphertext.slice(0, 108),
        provider: 'openai',
        key_version: 1,
        rewrap_recommended: false,
      });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function startKeyward(home: string): Promise<number> {
  const days = process.env[ENVIRONMENT.previousValueDays];
  const env = { PORT: '0', ...(days !== undefined && { [ENVIRONMENT.previousValueDays]: days }) };
  const server = await startLocal({ home, env, writeLog: () => undefined });
  return Number(new URL(server.url).port);
}

const [kind, home = ''] = process.argv.slice(2);
void (kind === 'bare' ? startBare() : startKeyward(home)).then((port) => {
  process.on('message', () => {
    process.send?.({ cpu: process.cpuUsage() });
  });
  process.on('disconnect', () => {
    process.exit(0);
  });
  process.send?.({ port });
});
