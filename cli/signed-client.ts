import { SignatureV4 } from '@smithy/signature-v4';
import { isRecord } from '../lambdas/core/domain/record-checks';
import { parseStrictJson } from '../lambdas/core/domain/strict-json';
import { decodeUtf8 } from '../lambdas/core/domain/utf8';
import { version } from '../package.json';
import { CliError, EXIT, exitCodeOf, type ErrorDetails } from './cli-error';
import type { ApiCall } from './commands';
import type { Connection } from './connection';
import type { SigningCredentials } from './find-credentials';
import { ROTATION_ID } from './rotation-view';
import { Sha256 } from './sha256';

const SERVICE = 'execute-api';
/** API Gateway gives up after 29 seconds; whoever waits longer waits for nobody. */
const TIMEOUT_MS = 35_000;

/** More than the largest reply there can be: Lambda returns at most 6 MB (Lambda Developer Guide, "Lambda quotas"). */
const MAX_REPLY_BYTES = 8 * 1024 * 1024;

/** Calls the API with AWS Signature Version 4. */
export class SignedClient {
  private readonly signer: SignatureV4;

  constructor(
    private readonly connection: Connection,
    credentials: SigningCredentials,
  ) {
    this.signer = new SignatureV4({ service: SERVICE, region: connection.region, credentials, sha256: Sha256 });
  }

  /**
   * Sends one call.
   *
   * @param signal gives it up; whether it has been carried out is then not known
   * @returns the reply's JSON object, empty where the reply has no body
   * @throws CliError for every reply that is not one of success, and where there is none
   */
  async send(call: ApiCall, signal?: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const response = await this.fetchSigned(call, signal);
    const object = await readObject(response);
    if (!response.ok) throw refusal(response, object ?? {});
    if (object === undefined) {
      throw new CliError(EXIT.unexpected, 'unexpected_reply', 'what answered does not seem to be Keyward');
    }
    return object;
  }

  private async fetchSigned(
    { method, path, query = {}, headers = {}, body }: ApiCall,
    given: AbortSignal | undefined,
  ): Promise<Response> {
    const { endpoint } = this.connection;
    const url = new URL(endpoint);
    url.pathname = endpoint.pathname.replace(/\/$/, '') + path;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const signed = await this.signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: { ...query },
      headers: {
        host: url.host,
        'user-agent': `keyward-cli/${version}`,
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
    url.search = queryString(query);
    // fetch sets Host itself, from the URL, and will not be told.
    const { host: _, ...sent } = signed.headers;
    const init = { method, headers: sent, redirect: 'manual', ...(text === undefined ? {} : { body: text }) } as const;
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const signal = given === undefined ? timeout : AbortSignal.any([timeout, given]);
    return fetch(url, { ...init, signal }).catch(() => {
      throw noAnswer();
    });
  }
}

/** Percent-encoded as it is signed (RFC 3986 section 2.3): URLSearchParams writes a space as `+`. */
const queryString = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

const noAnswer = (): CliError => new CliError(EXIT.unavailable, 'unreachable', 'the endpoint did not answer');

/** The reply's JSON object: empty where there is no body, undefined where it is something else. */
async function readObject(response: Response): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await readText(response).catch(() => {
    throw noAnswer();
  });
  if (text === undefined) return undefined;
  if (text === '') return response.status === 204 || !response.ok ? {} : undefined;
  const value = parseStrictJson(text);
  return isRecord(value) ? value : undefined;
}

/** The reply's text; undefined where it is not UTF-8, or longer than a reply can be, which is not read to its end. */
async function readText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > MAX_REPLY_BYTES) return undefined;
    chunks.push(chunk as Uint8Array);
  }
  return decodeUtf8(Buffer.concat(chunks));
}

/**
 * A problem document (RFC 9457) as an error. Of what is none, only the status is told: API Gateway's own refusal of a
 * signature repeats the request's headers.
 */
function refusal(response: Response, problem: Readonly<Record<string, unknown>>): CliError {
  const { status, headers } = response;
  const { code, detail, request_id } = problem;
  const id =
    typeof request_id === 'string'
      ? request_id
      : (headers.get('x-request-id') ?? headers.get('x-amzn-requestid') ?? undefined);
  const more = detailsOf(headers, problem);
  return typeof code === 'string' && typeof detail === 'string'
    ? new CliError(exitCodeOf(status), code, detail, id, more)
    : new CliError(exitCodeOf(status), `http_${status}`, `the endpoint answered with status ${status}`, id, more);
}

/** What a caller goes on from, where it is of the form that it should be: it gets into lines that a person may copy. */
function detailsOf(headers: Headers, { rotation_id }: Readonly<Record<string, unknown>>): ErrorDetails {
  const retryAfter = headers.get('retry-after') ?? '';
  return {
    ...(/^[0-9]{1,5}$/.test(retryAfter) && { retryAfterSeconds: Number(retryAfter) }),
    ...(typeof rotation_id === 'string' && ROTATION_ID.test(rotation_id) && { rotationId: rotation_id }),
  };
}
