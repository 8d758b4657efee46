import { SignatureV4 } from '@smithy/signature-v4';
import { API_SERVICE } from '../../lambdas/core/contract/execute-api';
import { DEK_ROTATION_ID_PATTERN } from '../../lambdas/core/contract/names';
import { CLI_TIMEOUT_MS } from '../../lambdas/core/contract/function-times';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import { version } from '../../package.json';
import { CliError, EXIT, exitCodeOf, type ErrorDetails } from '../io/cli-error';
import type { ApiCall } from './api-call';
import { clockDifference, clockFault, type Exchanged } from './clock-difference';
import { noAnswer, noAnswerInTime } from './no-answer';
import { sendRequest, type HttpReply } from './send-request';
import { Sha256 } from './sha256';
import { unreadyOf } from './unready-of';
import type { Way } from './way';

/** More than the largest possible reply: Lambda returns at most 6 MB (Lambda Developer Guide, "Lambda quotas"). */
const MAX_REPLY_BYTES = 8 * 1024 * 1024;

/** `npm start` prints the address of the API with it. */
const WITH_VERSION = 'name the endpoint without the /v1 at its end';

/** In milliseconds. */
interface ClientLimits {
  /** For the connection; by default by the kind of endpoint. */
  readonly connectMs?: number;
  /** For the whole reply. */
  readonly replyMs: number;
}

/** Calls the API with AWS Signature Version 4. */
export class SignedClient {
  private readonly signer: SignatureV4;

  constructor(
    private readonly way: Way,
    private readonly clock: () => number = Date.now,
    private readonly limits: ClientLimits = { replyMs: CLI_TIMEOUT_MS },
  ) {
    const { region } = way.connection;
    const { credentials } = way.found;
    this.signer = new SignatureV4({ service: API_SERVICE, region, credentials, sha256: Sha256 });
  }

  /**
   * Sends one call.
   *
   * @param signal aborts it; whether it was carried out is then unknown
   * @returns the reply's JSON object, empty if the reply has no body
   * @throws CliError for every reply that is not a success, and if there is none
   */
  async send(call: ApiCall, signal?: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const sentAt = this.clock();
    const reply = await this.sendSigned(call, signal);
    const object = objectOf(reply);
    if (!isSuccess(reply)) {
      throw refusal(reply, object ?? {}, this.causes(reply, { sentAt, receivedAt: this.clock() }));
    }
    if (object === undefined) {
      throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply does not seem to come from Keyward');
    }
    return object;
  }

  private async sendSigned(
    { method, path, query = {}, headers = {}, body }: ApiCall,
    given: AbortSignal | undefined,
  ): Promise<HttpReply> {
    const { agent, connection } = this.way;
    const { endpoint } = connection;
    const url = new URL(endpoint);
    url.pathname = endpoint.pathname.replace(/\/$/, '') + path;
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const toSign = {
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
    };
    const signed = await this.signer.sign(toSign, { signingDate: new Date(this.clock()) });
    url.search = queryString(query);
    const { replyMs, connectMs } = this.limits;
    const timeout = AbortSignal.timeout(replyMs);
    const signal = given === undefined ? timeout : AbortSignal.any([timeout, given]);
    const limits = connectMs === undefined ? {} : { connectLimitMs: connectMs };
    const request = { method, url, headers: signed.headers, ...text, signal, agent, ...limits };
    return sendRequest(request, MAX_REPLY_BYTES).catch((thrown: unknown) => {
      throw timeout.aborted ? noAnswerInTime(connection, replyMs) : noAnswer(thrown, connection, method);
    });
  }

  /** What may have caused a refusal on this machine, which the service cannot know. */
  private causes({ status, headers, text }: HttpReply, exchanged: Exchanged): readonly string[] {
    const { endpoint } = this.way.connection;
    if (status === 404 && /\/v1\/?$/.test(endpoint.pathname)) return [WITH_VERSION];
    if (status !== 403) return [];
    const fault = clockFault(clockDifference(headers.date, text ?? '', exchanged));
    return [fault, this.way.found.doubt].filter((cause) => cause !== undefined);
  }
}

/** Percent-encoded as for signing (RFC 3986 section 2.3): URLSearchParams writes a space as `+`. */
const queryString = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

const isSuccess = ({ status }: HttpReply): boolean => status >= 200 && status < 300;

/** The reply's JSON object: empty without a body, undefined if it is not an object. */
function objectOf(reply: HttpReply): Readonly<Record<string, unknown>> | undefined {
  const { status, text } = reply;
  if (text === undefined) return undefined;
  if (text === '') return status === 204 || !isSuccess(reply) ? {} : undefined;
  const value = parseStrictJson(text);
  return isRecord(value) ? value : undefined;
}

/**
 * A problem document (RFC 9457) as an error. Of any other reply only the status is told: API Gateway's own refusal of a
 * signature repeats the request's headers.
 */
function refusal(
  { status, headers }: HttpReply,
  problem: Readonly<Record<string, unknown>>,
  causes: readonly string[],
): CliError {
  const { code, detail, request_id } = problem;
  const id =
    typeof request_id === 'string'
      ? request_id
      : (textOf(headers['x-request-id']) ?? textOf(headers['x-amzn-requestid']));
  const more = detailsOf(headers, problem);
  const isProblem = typeof code === 'string' && typeof detail === 'string';
  const shown = isProblem ? detail : `the endpoint answered with status ${status}`;
  return new CliError(exitCodeOf(status), isProblem ? code : `http_${status}`, [shown, ...causes].join('; '), id, more);
}

/** A header that occurs once. */
const textOf = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** The cursor, if it has the right form: it is printed in lines that users may copy. */
function detailsOf(headers: HttpReply['headers'], problem: Readonly<Record<string, unknown>>): ErrorDetails {
  const { rotation_id } = problem;
  const unready = unreadyOf(problem);
  const retryAfter = headers['retry-after'] ?? '';
  return {
    ...(/^[0-9]{1,5}$/.test(retryAfter) && { retryAfterSeconds: Number(retryAfter) }),
    ...(typeof rotation_id === 'string' && DEK_ROTATION_ID_PATTERN.test(rotation_id) && { rotationId: rotation_id }),
    ...(unready !== undefined && { unready }),
  };
}
