import { createHmac, createSecretKey, hash, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Clock } from '../../lambdas/core/ports/clock';
import { canonicalPath } from './canonical-path';
import type { Principal, SigningPrincipal } from './principals';
import type { QueryString } from '../gateway/query-string';
import { SIGNATURE_FAULTS, type SignatureFault } from './signature-faults';

/** A request as received, before anything is decoded. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly rawQuery: string;
  /** Undefined if the query string cannot be parsed. */
  readonly query: QueryString | undefined;
  /** Names and values in turn, as `IncomingMessage.rawHeaders` has them. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

export interface SignatureVerifierOptions {
  /** The region that the credential scope must name. */
  readonly region: string;
  readonly service: string;
  /** By access key id. */
  readonly principals: ReadonlyMap<string, SigningPrincipal>;
  readonly clock: Clock;
}

export type Verification =
  | { readonly ok: true; readonly principal: Principal }
  | (SignatureFault & {
      readonly ok: false;
      /** Owner of the access key id in the request; not verified. */
      readonly claimed?: Principal;
      /** How far the request's time is ahead of the local clock, if that is the reason. */
      readonly skewMs?: number;
    });

/** "A request must reach AWS within five minutes of the time stamp" (IAM User Guide, "AWS Signature Version 4"). */
const MAX_SKEW_MS = 300_000;
const MAX_AUTHORIZATION_CHARACTERS = 4096;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([A-Za-z0-9]{1,128})\/([0-9]{8})\/([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})\/aws4_request, ?SignedHeaders=([!-+\--~]{1,2048}), ?Signature=([0-9a-f]{64})$/;
const AMZ_DATE = /^[0-9]{8}T(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z$/;
const SCHEME = /^AWS4-HMAC-SHA256(?:\s|$)/;
/**
 * The one header of AWS that may be left out of the signature: aws-requests-auth (aws_requests_auth/aws_auth.py) and
 * httpx-aws-auth send it unsigned, and API Gateway accepts that (aws-requests-auth, pull request 48; `execute-api` is
 * httpx-aws-auth's default). This is safe: the hash of the received body is signed, and the header must equal it.
 */
const BODY_HASH_HEADER = 'x-amz-content-sha256';
const PRESIGNED_PARAMETER = /^x-amz-(algorithm|credential|date|expires|security-token|signature|signedheaders)$/i;

/**
 * Verifies AWS Signature Version 4 in the Authorization header by computing the signature again (IAM User Guide, "Create a signed
 * AWS API request"). Several paths have the same {@link canonicalPath}; the caller must handle paths that are not plain.
 *
 * curl before 8.3 signs the query string as written, neither sorted nor encoded (curl issue 9717). AWS refuses that; here it is
 * accepted, which does not weaken the check: the exact bytes of the query are signed.
 */
export class SignatureVerifier {
  /** The latest signing key of each access key, with its day. */
  private readonly signingKeys = new Map<string, { readonly date: string; readonly key: KeyObject }>();
  /** Secret for access keys that do not exist, so that they take as long as existing ones. */
  private readonly nobody = randomBytes(30).toString('base64');

  constructor(private readonly deps: SignatureVerifierOptions) {}

  /** Never throws, for any request. */
  verify(request: SignedRequest): Verification {
    const { principals, clock } = this.deps;
    const headers = readHeaders(request.rawHeaders);
    const authorizations = headers.get('authorization');
    if (isPresigned(request.query)) return { ok: false, ...SIGNATURE_FAULTS.presigned };
    if (authorizations === undefined) return { ok: false, ...SIGNATURE_FAULTS.missing };
    const [authorization = '', ...more] = authorizations;
    if (more.length > 0) return { ok: false, ...SIGNATURE_FAULTS.severalAuthorizations };
    if (request.query === undefined) return { ok: false, ...SIGNATURE_FAULTS.query };
    const match = authorization.length > MAX_AUTHORIZATION_CHARACTERS ? null : AUTHORIZATION.exec(authorization);
    if (match === null) {
      return { ok: false, ...SIGNATURE_FAULTS[SCHEME.test(authorization) ? 'authorization' : 'otherScheme'] };
    }
    const [, accessKeyId = '', date = '', region, service, signedHeaders = '', signature = ''] = match;
    const known = principals.get(accessKeyId);
    const refuse = (fault: SignatureFault, more: { readonly skewMs?: number } = {}): Verification => ({
      ok: false,
      ...fault,
      ...more,
      ...(known !== undefined && { claimed: known.principal }),
    });

    if (headers.has('x-amz-security-token')) return refuse(SIGNATURE_FAULTS.sessionToken);
    const time = only(headers.get('x-amz-date')) ?? '';
    const signedAt = parseAmzDate(time);
    if (signedAt === undefined) return refuse(SIGNATURE_FAULTS.time);
    if (region !== this.deps.region) return refuse(SIGNATURE_FAULTS.region);
    if (service !== this.deps.service) return refuse(SIGNATURE_FAULTS.service);
    if (date !== time.slice(0, 8)) return refuse(SIGNATURE_FAULTS.date);
    const skewMs = signedAt - clock.now();
    if (Math.abs(skewMs) > MAX_SKEW_MS) return refuse(SIGNATURE_FAULTS.clock, { skewMs });
    const canonicalHeaders = canonicalizeHeaders(headers, signedHeaders);
    if (typeof canonicalHeaders !== 'string') return refuse(canonicalHeaders);

    const bodyHash = sha256(request.body);
    const claimedHash = headers.get(BODY_HASH_HEADER);
    if (claimedHash !== undefined && only(claimedHash) !== bodyHash) {
      return refuse(SIGNATURE_FAULTS[/^[0-9a-f]{64}$/.test(only(claimedHash) ?? '') ? 'hash' : 'hashForm']);
    }
    const key = this.signingKey(known === undefined ? '' : accessKeyId, known?.secretAccessKey ?? this.nobody, date);
    const scope = `${date}/${region}/${service}/aws4_request`;
    const expected = Buffer.from(signature, 'hex');
    const path = canonicalPath(request.path);
    const isSigned = (query: string): boolean => {
      const canonical = `${request.method}\n${path}\n${query}\n${canonicalHeaders}\n${signedHeaders}\n${bodyHash}`;
      // Node represents header bytes as Latin-1 text; this restores the bytes that the client signed.
      const canonicalHash = sha256(Buffer.from(canonical, 'latin1'));
      const made = createHmac('sha256', key).update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${canonicalHash}`).digest();
      return timingSafeEqual(made, expected);
    };
    const { canonical } = request.query;
    const matches = isSigned(canonical) || (request.rawQuery !== canonical && isSigned(request.rawQuery));
    if (known === undefined) return refuse(SIGNATURE_FAULTS.unknownKey);
    return matches ? { ok: true, principal: known.principal } : refuse(SIGNATURE_FAULTS.mismatch);
  }

  private signingKey(id: string, secretAccessKey: string, date: string): KeyObject {
    const cached = this.signingKeys.get(id);
    if (cached?.date === date) return cached.key;
    const hmac = (secret: string | Buffer, text: string): Buffer => createHmac('sha256', secret).update(text).digest();
    const ofService = hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), this.deps.region), this.deps.service);
    const key = createSecretKey(hmac(ofService, 'aws4_request'));
    this.signingKeys.set(id, { date, key });
    return key;
  }
}

/** Whether the request has no signature, like those of browsers and monitors. */
export const isUnsigned = ({ query, rawHeaders }: Pick<SignedRequest, 'query' | 'rawHeaders'>): boolean =>
  !isPresigned(query) && !readHeaders(rawHeaders).has('authorization');

const isPresigned = (query: QueryString | undefined): boolean =>
  query?.pairs.some(([name]) => PRESIGNED_PARAMETER.test(name)) === true;

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');

const only = (values: readonly string[] | undefined): string | undefined =>
  values?.length === 1 ? values[0] : undefined;

/** Returns values by lower-case name. */
function readHeaders(rawHeaders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return headers;
}

/**
 * Returns the canonical headers, or the fault of the list of signed headers: it must be in lower case, sorted, without
 * duplicates, with each header exactly once in the request, and have `host` and every `x-amz-` header of the request except
 * {@link BODY_HASH_HEADER}.
 */
function canonicalizeHeaders(
  headers: ReadonlyMap<string, readonly string[]>,
  signedHeaders: string,
): string | SignatureFault {
  const names = signedHeaders.split(';');
  const signed = new Set(names);
  if (signed.has('authorization')) return SIGNATURE_FAULTS.list;
  let canonical = '';
  let previous = '';
  for (const name of names) {
    // A name that is not in lower case is not in the map.
    const value = only(headers.get(name));
    if (value === undefined || name <= previous) return SIGNATURE_FAULTS.list;
    canonical += `${name}:${oneBlank(value.trim())}\n`;
    previous = name;
  }
  if (!signed.has('host')) return SIGNATURE_FAULTS.host;
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && name !== BODY_HASH_HEADER && !signed.has(name))
      return SIGNATURE_FAULTS.unsignedHeader;
  }
  return canonical;
}

/** Replaces runs of blanks and tabs by one blank. Most values have none, and skip the pattern. */
const oneBlank = (value: string): string =>
  value.includes('  ') || value.includes('\t') ? value.replaceAll(/[ \t]+/g, ' ') : value;

/** Returns milliseconds since 1970, or undefined if the time does not exist. */
function parseAmzDate(text: string): number | undefined {
  if (!AMZ_DATE.test(text)) return undefined;
  const digits = (from: number, to: number): number => Number(text.slice(from, to));
  const [month, day] = [digits(4, 6) - 1, digits(6, 8)];
  const time = Date.UTC(digits(0, 4), month, day, digits(9, 11), digits(11, 13), digits(13, 15));
  const date = new Date(time);
  // Date.UTC converts the 31st of February to a day in March.
  return date.getUTCMonth() === month && date.getUTCDate() === day ? time : undefined;
}
