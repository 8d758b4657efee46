import { SignatureV4 } from '@smithy/signature-v4';
import type { Environment } from '../client/connection';
import { whyNoReply } from '../client/no-answer';
import { sendRequest, type HttpReply } from '../client/send-request';
import { Sha256 } from '../client/sha256';
import type { Way } from '../client/way';
import { LIMIT_MS } from './finding';

/** The owner of an access key, according to AWS. */
export type CallerIdentity =
  | { readonly kind: 'known'; readonly arn: string }
  /** AWS does not accept it, for a reason of its own. */
  | { readonly kind: 'refused'; readonly why: string }
  /** AWS could not be asked. */
  | { readonly kind: 'unknown'; readonly why: string };

const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
const MAX_BYTES = 65_536;

/**
 * Asks AWS for the owner of credentials, which needs no permission (AWS STS API Reference, GetCallerIdentity). It calls
 * `AWS_ENDPOINT_URL_STS` if that is set, as AWS's tools do. Never throws.
 */
export async function callerIdentity(
  { connection: { region }, agent, found: { credentials } }: Way,
  {
    env,
    signal,
    clock,
    limitMs = LIMIT_MS,
  }: { env: Environment; signal: AbortSignal; clock: () => number; limitMs?: number },
): Promise<CallerIdentity> {
  const given = env['AWS_ENDPOINT_URL_STS'] || defaultEndpoint(region);
  if (!URL.canParse(given)) return { kind: 'unknown', why: 'AWS_ENDPOINT_URL_STS is not a URL' };
  const url = new URL(given);
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: Sha256 });
  const headers = { host: url.host, 'content-type': 'application/x-www-form-urlencoded' };
  const request = {
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: {},
    headers,
    body: BODY,
  };
  const signed = await signer.sign(request, { signingDate: new Date(clock()) });
  const timeout = AbortSignal.timeout(limitMs);
  try {
    const sent = {
      method: 'POST',
      url,
      headers: signed.headers,
      body: BODY,
      signal: AbortSignal.any([timeout, signal]),
    };
    const through = url.protocol === 'https:' ? { agent } : {};
    return identityOf(await sendRequest({ ...sent, ...through }, MAX_BYTES));
  } catch (thrown) {
    const why = timeout.aborted ? `timed out after ${Math.ceil(limitMs / 1000)} seconds` : whyNoReply(thrown).text;
    return { kind: 'unknown', why: `${url.origin}: ${why}` };
  }
}

const defaultEndpoint = (region: string): string =>
  `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;

/** By their codes (AWS STS API Reference, "Common Errors"); their messages repeat what was sent. */
const REFUSALS: Readonly<Record<string, string>> = {
  ExpiredToken: 'they have expired: sign in again',
  ExpiredTokenException: 'they have expired: sign in again',
  InvalidClientTokenId: 'there is no such access key, or its session token is wrong',
  SignatureDoesNotMatch: 'the secret access key is wrong, or the clock is',
  AccessDenied: 'a policy denies sts:GetCallerIdentity',
};

function identityOf({ status, text = '' }: HttpReply): CallerIdentity {
  const arn = /<Arn>(arn:[A-Za-z0-9:/+=,.@_-]{1,2048})<\/Arn>/.exec(text)?.[1];
  if (status === 200 && arn !== undefined) return { kind: 'known', arn };
  const code = /<Code>([A-Za-z]{1,64})<\/Code>/.exec(text)?.[1] ?? '';
  const why = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  return why === undefined
    ? { kind: 'unknown', why: `AWS STS answered with status ${status}` }
    : { kind: 'refused', why: `AWS refuses them: ${why}` };
}
