import { AwsClient } from 'aws4fetch';
import { accessKeyId, exchange, region, secretAccessKey, service } from './exchange.mjs';

// Its own ten retries of a 5xx would hide one.
const client = new AwsClient({ accessKeyId, secretAccessKey, region, service, retries: 0 });

await exchange(async ({ method, url, body, headers }) => {
  const reply = await client.fetch(url, { method, body, headers });
  return { status: reply.status, text: await reply.text() };
});
