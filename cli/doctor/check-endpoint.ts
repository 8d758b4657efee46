import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import { clockDifference, clockFault, clockText } from '../client/clock-difference';
import type { Connection } from '../client/connection';
import { noAnswer, noAnswerInTime } from '../client/no-answer';
import type { OutboundAgent } from '../client/outbound-agent';
import { sendRequest, type HttpReply } from '../client/send-request';
import { EXIT } from '../io/cli-error';
import { LIMIT_MS, type Finding } from './finding';

/** The endpoint and how to call it. */
export interface Asking {
  readonly connection: Connection;
  readonly agent: OutboundAgent | undefined;
  /** Aborts it. */
  readonly signal: AbortSignal;
  /** In milliseconds since 1970. */
  readonly clock: () => number;
  readonly limitMs?: number;
}

/** Limit for the health check and the OpenAPI document. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Far below the tolerance of a signature, and far above the time of a reply. */
const NOTABLE_MS = 60_000;

/** The health check, which needs no signature: whether Keyward answers, and how far the two clocks differ. */
export async function checkEndpoint(deps: Asking): Promise<readonly [endpoint: Finding, clock: Finding]> {
  const { origin } = deps.connection.endpoint;
  const sentAt = deps.clock();
  let reply: HttpReply;
  try {
    reply = await getUnsigned(deps, '/healthz');
  } catch (thrown) {
    const { detail } = thrown as Error & { detail: string };
    return [{ check: 'endpoint', status: 'fail', detail, exitCode: EXIT.unavailable }, UNCOMPARED];
  }
  const receivedAt = deps.clock();
  const clock = clockFinding(clockDifference(reply.headers.date, '', { sentAt, receivedAt }));
  if (isAlive(reply)) {
    return [
      { check: 'endpoint', status: 'ok', detail: `${origin} answers in ${Math.round(receivedAt - sentAt)} ms` },
      clock,
    ];
  }
  const detail = `the service at ${origin} does not seem to be Keyward (status ${reply.status})`;
  const remedy = 'look at --endpoint or KEYWARD_ENDPOINT; a stage belongs to it, as in https://…/prod, and no /v1';
  return [{ check: 'endpoint', status: 'fail', detail, remedy, exitCode: EXIT.unexpected }, clock];
}

/**
 * Sends a GET without a signature.
 *
 * @throws CliError if there is no reply
 */
export async function getUnsigned(deps: Asking, path: string): Promise<HttpReply> {
  const { connection, agent, limitMs = LIMIT_MS } = deps;
  const url = new URL(connection.endpoint);
  url.pathname = url.pathname.replace(/\/$/, '') + path;
  const timeout = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([timeout, deps.signal]);
  return sendRequest({ method: 'GET', url, headers: {}, agent, signal }, MAX_BYTES).catch((thrown: unknown) => {
    throw timeout.aborted ? noAnswerInTime(connection, limitMs) : noAnswer(thrown, connection);
  });
}

function isAlive({ status, text }: HttpReply): boolean {
  const value = status === 200 ? parseStrictJson(text ?? '') : undefined;
  return isRecord(value) && value['status'] === 'ok';
}

const UNCOMPARED: Finding = { check: 'clock', status: 'warn', detail: 'not compared: the endpoint did not answer' };

function clockFinding(difference: number | undefined): Finding {
  if (difference === undefined) {
    return { check: 'clock', status: 'warn', detail: 'not compared: the endpoint sends no time' };
  }
  const fault = clockFault(difference);
  if (fault !== undefined) {
    const [detail = '', remedy = ''] = fault.split(': ');
    return { check: 'clock', status: 'fail', detail, remedy, exitCode: EXIT.refused };
  }
  if (Math.abs(difference) < NOTABLE_MS) {
    const seconds = Math.ceil(Math.abs(difference) / 1000);
    return { check: 'clock', status: 'ok', detail: `this machine's and the endpoint's agree within ${seconds} s` };
  }
  const detail = `this machine's is ${clockText(difference)} the endpoint's`;
  return {
    check: 'clock',
    status: 'warn',
    detail,
    remedy: 'set the clock: signatures are refused from a difference of five minutes on',
  };
}
