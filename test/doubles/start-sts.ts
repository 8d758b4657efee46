import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SignatureV4 } from '@smithy/signature-v4';
import { closeServer } from './close-server';
import { Sha256 } from '../../cli/client/sha256';

export interface RunningSts {
  readonly endpoint: string;
  /** Hosts that the requests were signed for. */
  readonly hosts: string[];
  close(): Promise<void>;
}

/** Who has which access key, and its secret. */
export type Principals = Readonly<Record<string, { readonly arn: string; readonly secretAccessKey: string }>>;

const SCOPE =
  /Credential=([^/]+)\/\d{8}\/([a-z0-9-]+)\/sts\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})/;

/**
 * Serves GetCallerIdentity on a free port of 127.0.0.1, for those whose signature is right
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
 *
 * @param skew of signatures' times to this clock is not checked: tests move clocks
 */
export async function startSts(principals: Principals): Promise<RunningSts> {
  const hosts: string[] = [];
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void (async () => {
      const body = await text(request);
      const { authorization = '', 'x-amz-date': date = '' } = request.headers;
      const [, key = '', region = '', signed = '', signature = ''] = SCOPE.exec(authorization) ?? [];
      const principal = principals[key];
      // Vault keeps the host that the client named; fetch, which the double uses, cannot.
      const host = String(request.headers['x-forwarded-host'] ?? request.headers.host);
      hosts.push(host);
      const headers = Object.fromEntries(
        signed.split(';').map((name) => [name, name === 'host' ? host : String(request.headers[name])]),
      );
      const isAsked = body === 'Action=GetCallerIdentity&Version=2011-06-15';
      const ours = principal && (await sign(principal.secretAccessKey, key, region, host, headers, body, String(date)));
      if (principal === undefined || !isAsked || !ours?.endsWith(`Signature=${signature}`)) {
        response.writeHead(403, { 'content-type': 'text/xml' }).end('<ErrorResponse/>');
        return;
      }
      const answer = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${principal.arn}</Arn><UserId>AROAEXAMPLE:session</UserId><Account>111111111111</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
      response.writeHead(200, { 'content-type': 'text/xml' }).end(answer);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hosts,
    close: () => closeServer(server),
  };
}

async function sign(
  secretAccessKey: string,
  accessKeyId: string,
  region: string,
  hostname: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  date: string,
): Promise<string | undefined> {
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const signer = new SignatureV4({
    service: 'sts',
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  });
  const request = { method: 'POST', protocol: 'https:', hostname, path: '/', headers, body };
  const signingDate = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const { headers: signed } = await signer.sign(request, { signingDate });
  return signed['authorization'];
}
