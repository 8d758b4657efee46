import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { accessKeyId, exchange, region, secretAccessKey, service } from './exchange.mjs';

const signer = new SignatureV4({ credentials: { accessKeyId, secretAccessKey }, region, service, sha256: Sha256 });

await exchange(async ({ method, url, body, headers }) => {
  const { protocol, host, hostname, port, pathname, searchParams } = new URL(url);
  const request = new HttpRequest({
    method,
    protocol,
    hostname,
    port: Number(port),
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { host, ...headers },
    body,
  });
  const signed = await signer.sign(request);
  const reply = await fetch(url, { method, headers: signed.headers, body });
  return { status: reply.status, text: await reply.text() };
});
