import { SignatureV4 } from '@smithy/signature-v4';
import { API_SERVICE } from '../../lambdas/core/contract/api-calls';
import { ROTATION_ID_PATTERN } from '../../lambdas/core/contract/names';
import { CLI_TIMEOUT_MS } from '../../lambdas/core/contract/function-times';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import { version } from '../../package.json';
import { CliError, EXIT, exitCodeOf, type ErrorDetails } from '../io/cli-error';
import type { ApiCall } from './api-call';
import type { Connection } from './connection';
import type { SigningCredentials } from './find-credentials';
import { sendRequest, type HttpReply } from './send-request';
import { Sha256 } from './sha256';

/** More than the largest reply there can be: Lambda returns at most 6 MB (Lambda Developer Guide, "Lambda quotas"). */
const MAX_REPLY_BYTES = 8 * 1024 * 1024;

/** Calls the API with AWS Signature Version 4. */
export class SignedClient {
  private readonly signer: SignatureV4;

  constructor(
    private readonly connection: Connection,
    credentials: SigningCredentials,
  ) {
    this.signer = new SignatureV4({ service: API_SERVICE, region: connection.region, credentials, sha256: Sha256 });
  }

  /**
   * Sends one call.
   *
   * @param signal gives it up; whether it has been carried out is then not known
   * @returns the reply's JSON object, empty where the reply has no body
   * @throws CliError for every reply that is not one of success, and where there is none
   */
  async send(call: ApiCall, signal?: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const reply = await this.sendSigned(call, signal);
    const object = objectOf(reply);
    if (!isSuccess(reply)) throw refusal(reply, object ?? {});
    if (object === undefined) {
      throw new CliError(EXIT.unexpected, 'unexpected_reply', 'what answered does not seem to be Keyward');
    }
    return object;
  }

  private async sendSigned(
    { method, path, query = {}, headers = {}, body }: ApiCall,
    given: AbortSignal | undefined,
  ): Promise<HttpReply> {
    const { endpoint } = this.connection;
    const url = new URL(endpoint);
    url.pathname = endpoint.pathname.replace(/\/$/, '') + path;
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const signed = await this.signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: { ...query },
      headers: {
        host: url.host,
        'user-agent': `keyward-cli/${version}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...text,
    });
    url.search = queryString(query);
    const timeout = AbortSignal.timeout(CLI_TIMEOUT_MS);
    const signal = given === undefined ? timeout : AbortSignal.any([timeout, given]);
    return sendRequest({ method, url, headers: signed.headers, ...text, signal }, MAX_REPLY_BYTES).catch(() => {
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

const isSuccess = ({ status }: HttpReply): boolean => status >= 200 && status < 300;

/** The reply's JSON object: empty where there is no body, undefined where it is something else. */
function objectOf(reply: HttpReply): Readonly<Record<string, unknown>> | undefined {
  const { status, text } = reply;
  if (text === undefined) return undefined;
  if (text === '') return status === 204 || !isSuccess(reply) ? {} : undefined;
  const value = parseStrictJson(text);
  return isRecord(value) ? value : undefined;
}

/**
 * A problem document (RFC 9457) as an error. Of what is none, only the status is told: API Gateway's own refusal of a
 * signature repeats the request's headers.
 */
function refusal({ status, headers }: HttpReply, problem: Readonly<Record<string, unknown>>): CliError {
  const { code, detail, request_id } = problem;
  const id =
    typeof request_id === 'string'
      ? request_id
      : (textOf(headers['x-request-id']) ?? textOf(headers['x-amzn-requestid']));
  const more = detailsOf(headers, problem);
  return typeof code === 'string' && typeof detail === 'string'
    ? new CliError(exitCodeOf(status), code, detail, id, more)
    : new CliError(exitCodeOf(status), `http_${status}`, `the endpoint answered with status ${status}`, id, more);
}

/** A header that came once. */
const textOf = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** What a caller goes on from, where it is of the form that it should be: it gets into lines that a person may copy. */
function detailsOf(headers: HttpReply['headers'], { rotation_id }: Readonly<Record<string, unknown>>): ErrorDetails {
  const retryAfter = headers['retry-after'] ?? '';
  return {
    ...(/^[0-9]{1,5}$/.test(retryAfter) && { retryAfterSeconds: Number(retryAfter) }),
    ...(typeof rotation_id === 'string' && ROTATION_ID_PATTERN.test(rotation_id) && { rotationId: rotation_id }),
  };
}
