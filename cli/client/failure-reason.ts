import { systemCode } from '../io/system-code';

/** Why an exchange of requests and replies failed. */
export interface FailureReason {
  /** A few words, with a remedy if one is known. */
  readonly text: string;
  /** Whether it stays until somebody corrects it. */
  readonly lasts: boolean;
}

/** The connection was not made in the time allowed; worded as by the operating system, which waits for minutes. */
export class NoConnection extends Error {
  override readonly name = 'NoConnection';
  readonly code = 'ETIMEDOUT';
}

const AUTHORITY = 'if that is right, name a file with its certificate in AWS_CA_BUNDLE';
const CLOCK = "where that cannot be, see to this machine's clock";

const passing = (text: string): FailureReason => ({ text, lasts: false });
const lasting = (text: string): FailureReason => ({ text, lasts: true });

/** For TLS to a server that speaks something else, such as a local server. */
export const NOT_TLS = lasting('the server there does not speak TLS');
/** For a request that may have arrived. */
export const CLOSED = passing('connection closed before the reply was complete');
const untrusted = lasting(`unknown certificate authority; ${AUTHORITY}`);

/** By the codes of Node ("Common system errors", "X509 certificate error codes") and of getaddrinfo. */
const REASONS: Readonly<Record<string, FailureReason>> = {
  ECONNREFUSED: passing('connection refused: nothing listens there'),
  ECONNRESET: CLOSED,
  EPIPE: passing('connection closed before the request was sent'),
  ETIMEDOUT: passing('timed out: no connection was made'),
  EHOSTUNREACH: passing('no route to the host'),
  EHOSTDOWN: passing('no route to the host'),
  ENETUNREACH: passing('the network is unreachable'),
  ENETDOWN: passing('the network is down'),
  EADDRNOTAVAIL: passing('this machine has no such address'),
  EACCES: lasting('this machine does not allow the connection'),
  EPERM: lasting('this machine does not allow the connection'),
  ENOTFOUND: lasting('unknown host: its name has no address'),
  ENODATA: lasting('unknown host: its name has no address'),
  EAI_AGAIN: passing('its name could not be looked up: is there a network?'),
  CERT_HAS_EXPIRED: lasting(`certificate expired; ${CLOCK}`),
  CERT_NOT_YET_VALID: lasting(`certificate not valid yet; ${CLOCK}`),
  CERT_REVOKED: lasting('certificate revoked'),
  DEPTH_ZERO_SELF_SIGNED_CERT: lasting(`self-signed certificate; ${AUTHORITY}`),
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_UNTRUSTED: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: lasting('certificate for another host name'),
  HOSTNAME_MISMATCH: lasting('certificate for another host name'),
  ERR_SSL_WRONG_VERSION_NUMBER: NOT_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NOT_TLS,
};

/** OpenSSL's other errors about certificates. */
const OF_CERTIFICATE = /^(CERT_|CRL_|UNABLE_TO_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$|ERROR_IN_CERT_)/;

/** OpenSSL's texts for the codes above; Node 20 reports them as a mere EPROTO. */
const NOT_TLS_WORDS = /:(?:wrong version number|packet length too long):/;

/**
 * @param thrown by a socket or the reader of a reply. Only its code, and whether it has certain words of OpenSSL, are used; nothing
 * else of it is told, because it may repeat what was sent
 */
export function failureReason(thrown: unknown): FailureReason {
  const code = codeOf(thrown);
  if (code === 'EPROTO' && NOT_TLS_WORDS.test(String(thrown))) return NOT_TLS;
  const known = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  if (known !== undefined) return known;
  if (code.startsWith('EAI_')) return passing(`its name could not be looked up (${code})`);
  if (OF_CERTIFICATE.test(code)) return lasting(`invalid certificate (${code})`);
  if (/^(EPROTO$|ERR_SSL_|ERR_TLS_)/.test(code)) return lasting(`TLS negotiation failed (${code})`);
  if (code.startsWith('HPE_')) return lasting(`the server there does not speak HTTP, or speaks TLS (${code})`);
  return passing(/^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? `failed (${code})` : 'failed for an unknown reason');
}

/** If several addresses were tried, the last one: it is the one that all attempts led to. */
function codeOf(thrown: unknown): string {
  const errors = typeof thrown === 'object' && thrown !== null && 'errors' in thrown ? thrown.errors : undefined;
  return systemCode(Array.isArray(errors) ? errors.at(-1) : thrown);
}
