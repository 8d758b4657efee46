import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { reservePort } from '../../local/gateway/reserved-port';

const HOST = '127.0.0.1';

it('has requests that come before anything is there to serve them wait, and forgets those that go away', async () => {
  const reserved = await reservePort(0, HOST);
  const early = fetch(`http://${HOST}:${reserved.port}/early`);
  const continued = httpRequest({
    host: HOST,
    port: reserved.port,
    method: 'PUT',
    headers: { expect: '100-continue' },
  });
  continued.flushHeaders();
  const gone = connect(reserved.port, HOST);
  gone.end('GET /gone HTTP/1.1\r\nhost: x\r\n\r\n');
  gone.on('error', () => undefined);
  await once(gone, 'connect');
  // Until all three have arrived.
  await new Promise((resolve) => setTimeout(resolve, 500));
  gone.destroy();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const served: (string | undefined)[] = [];
  for (const event of ['request', 'checkContinue']) {
    reserved.server.on(event, (request: { url?: string }, response: { end(text: string): void }) => {
      served.push(request.url);
      response.end('served');
    });
  }
  const replied = once(continued, 'response');
  reserved.handOver();
  expect(await (await early).text()).toBe('served');
  await replied;
  continued.destroy();
  const late = await fetch(`http://${HOST}:${reserved.port}/late`);
  expect(await late.text()).toBe('served');
  expect(served.sort()).toEqual(['/', '/early', '/late']);
  await reserved.release();
});

it('says that a port is taken, and gives one up', async () => {
  const first = await reservePort(0, HOST);
  const taken = { code: 'configuration_invalid', message: `port ${first.port} is in use; set PORT to another one` };
  await expect(reservePort(first.port, HOST)).rejects.toMatchObject(taken);
  const waiting = fetch(`http://${HOST}:${first.port}/`).catch(() => 'no answer');
  await first.release();
  expect(await waiting).toBe('no answer');
  const second = await reservePort(first.port, HOST);
  await second.release();
  await expect(reservePort(0, '203.0.113.1')).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: 'port 0 cannot be used (EADDRNOTAVAIL)',
  });
});
