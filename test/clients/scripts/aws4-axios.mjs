import axios from 'axios';
import { aws4Interceptor } from 'aws4-axios';
import { accessKeyId, exchange, region, secretAccessKey, service } from './exchange.mjs';

const client = axios.create({ validateStatus: () => true, responseType: 'text', transformResponse: (text) => text });
client.interceptors.request.use(
  aws4Interceptor({ options: { region, service }, credentials: { accessKeyId, secretAccessKey } }),
);

await exchange(async ({ method, url, body, headers }) => {
  const reply = await client.request({ method, url, data: body, headers });
  return { status: reply.status, text: reply.data };
});
