import { request } from 'node:http';
import aws4 from 'aws4';
import { accessKeyId, exchange, region, secretAccessKey, service } from './exchange.mjs';

await exchange(({ method, url, body, headers }) => {
  const { host, hostname, port, pathname, search } = new URL(url);
  const options = { method, path: pathname + search, service, region, headers: { Host: host, ...headers }, body };
  const signed = aws4.sign(options, { accessKeyId, secretAccessKey });
  return new Promise((resolve, reject) => {
    const sent = request({ ...signed, hostname, port }, (reply) => {
      const chunks = [];
      reply.on('data', (chunk) => chunks.push(chunk));
      reply.on('end', () => resolve({ status: reply.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    sent.end(body ?? '');
  });
});
