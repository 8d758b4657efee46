import { CliError, EXIT } from '../io/cli-error';
import { isLoopback, type Connection } from './connection';
import { CLOSED, failureReason, NOT_TLS, type FailureReason } from './failure-reason';
import type { ProxyFailure } from './open-tunnel';

const START_LOCAL = 'npm start starts the local server; for one with another PORT give --endpoint or KEYWARD_ENDPOINT';
const NOT_KNOWN = 'it is not known whether the call was carried out';

/**
 * The error that the endpoint did not answer. It names the endpoint, which may not be the intended one.
 *
 * @param method of the request; GET changes nothing, so its message does not ask whether it was carried out
 */
export function noAnswer(thrown: unknown, { endpoint, isLocal }: Connection, method = 'GET'): CliError {
  const reason = whyNoReply(thrown);
  const { text, lasts } = reason;
  if (isProxyFailure(thrown)) return unreachable(`${endpoint.origin} could not be asked: ${text}`, lasts);
  const more = [
    ...(reason === CLOSED && method !== 'GET' ? [NOT_KNOWN] : []),
    ...(reason === NOT_TLS && isLoopback(endpoint.hostname) ? [byHttp(endpoint)] : []),
    ...(isLocal ? [START_LOCAL] : []),
  ];
  return unreachable([`${endpoint.origin} did not answer: ${text}`, ...more].join('; '), lasts);
}

/** For an https endpoint on this machine. */
export const byHttp = ({ host }: URL): string => `a local server is named by http://${host}`;

/** Why there is no reply: the proxy or the endpoint. */
export function whyNoReply(thrown: unknown): FailureReason {
  if (!isProxyFailure(thrown)) return failureReason(thrown);
  const { proxy, reason } = thrown;
  return { text: `proxy ${proxy}: ${reason.text}`, lasts: reason.lasts };
}

/** By name, because its class is loaded with proxies only. */
const isProxyFailure = (thrown: unknown): thrown is ProxyFailure =>
  thrown instanceof Error && thrown.name === 'ProxyFailure';

/** The request may have been carried out. */
export const noAnswerInTime = ({ endpoint }: Connection, limitMs: number): CliError =>
  unreachable(
    `${endpoint.origin} did not answer: timed out, no whole reply within ${Math.ceil(limitMs / 1000)} seconds; ${NOT_KNOWN}`,
    false,
  );

const unreachable = (detail: string, lasts: boolean): CliError =>
  new CliError(EXIT.unavailable, 'unreachable', detail, undefined, { ...(lasts && { lasts }) });
