import { CliError, EXIT } from '../io/cli-error';
import type { Connection } from './connection';
import { failureReason } from './failure-reason';
import type { ProxyFailure } from './open-tunnel';

const START_LOCAL = 'npm start starts the local server; for one with another PORT give --endpoint or KEYWARD_ENDPOINT';

/** The endpoint did not answer, with why: by name, for the one that is asked may not be the one that was meant. */
export function noAnswer(thrown: unknown, { endpoint, isLocal }: Connection): CliError {
  if (isProxyFailure(thrown)) {
    const { proxy, reason } = thrown;
    return unreachable(`${endpoint.origin} could not be asked: proxy ${proxy}: ${reason.text}`, reason.lasts);
  }
  const { text, lasts } = failureReason(thrown);
  return unreachable(`${endpoint.origin} did not answer: ${text}${isLocal ? `; ${START_LOCAL}` : ''}`, lasts);
}

/** By its name: its class is loaded with proxies alone. */
const isProxyFailure = (thrown: unknown): thrown is ProxyFailure =>
  thrown instanceof Error && thrown.name === 'ProxyFailure';

/** It may have been carried out all the same. */
export const noAnswerInTime = ({ endpoint }: Connection, limitMs: number): CliError =>
  unreachable(
    `${endpoint.origin} did not answer: timed out, no whole reply within ${Math.ceil(limitMs / 1000)} seconds; whether it was carried out is not known`,
    false,
  );

const unreachable = (detail: string, lasts: boolean): CliError =>
  new CliError(EXIT.unavailable, 'unreachable', detail, undefined, { ...(lasts && { lasts }) });
