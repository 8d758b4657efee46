import { createHash, createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Principal, SigningPrincipal } from './principals';
import type { QueryString } from '../gateway/query-string';

/** A request as it came, before anything is decoded. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly rawQuery: string;
  /** Undefined where the query string cannot be read. */
  readonly query: QueryString | undefined;
  /** Names and values in turn, as `IncomingMessage.rawHeaders` has them. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

export interface SignatureVerifierOptions {
  /** What the credential scope must name. */
  readonly region: string;
  readonly service: string;
  /** By access key id. */
  readonly principals: ReadonlyMap<string, SigningPrincipal>;
  readonly clock: Clock;
}

/** Why a signature was refused: for the audit event, never for the caller. */
type SignatureRefusal =
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_unsupported'
  | 'signature_scope'
  | 'signature_expired'
  | 'signature_headers'
  | 'signature_body'
  | 'signature_unknown_key'
  | 'signature_mismatch';

export type Verification =
  | { readonly ok: true; readonly principal: Principal }
  | {
      readonly ok: false;
      readonly reason: SignatureRefusal;
      /** Whose access key id the request names. It proves nothing. */
      readonly claimed?: Principal;
    };

/** "A request must reach AWS within five minutes of the time stamp" (IAM User Guide, "AWS Signature Version 4"). */
const MAX_SKEW_MS = 300_000;
const MAX_AUTHORIZATION_CHARACTERS = 4096;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([A-Za-z0-9]{1,128})\/([0-9]{8})\/([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})\/aws4_request, ?SignedHeaders=([!-+\--~]{1,2048}), ?Signature=([0-9a-f]{64})$/;
const AMZ_DATE = /^[0-9]{8}T(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z$/;
const PRESIGNED_PARAMETER = /^x-amz-(algorithm|credential|date|expires|security-token|signature|signedheaders)$/i;

/**
 * Checks AWS Signature Version 4 in the Authorization header by making the signature again (IAM User Guide, "Create a
 * signed AWS API request"). The path enters the canonical request as it came; whoever uses a path that is not plain has to see to that himself.
 *
 * curl before 8.3 signs the query string as it is written, neither sorted nor encoded (curl issue 9717). AWS refuses
 * that; here it is taken too, and takes nothing from the check: it fixes the very bytes of the query.
 */
export class SignatureVerifier {
  /** One signing key for each access key, of the last day that was asked for. */
  private readonly signingKeys = new Map<string, { readonly date: string; readonly key: KeyObject }>();
  /** Signs for access keys that do not exist, so that they take as long as those that do. */
  private readonly nobody = randomBytes(30).toString('base64');

  constructor(private readonly on: SignatureVerifierOptions) {}

  /** Never throws, whatever the request. */
  verify(request: SignedRequest): Verification {
    const { principals, clock } = this.on;
    const headers = readHeaders(request.rawHeaders);
    const authorizations = headers.get('authorization');
    const presigned = request.query?.pairs.some(([name]) => PRESIGNED_PARAMETER.test(name)) === true;
    if (presigned) return { ok: false, reason: 'signature_unsupported' };
    if (authorizations === undefined) return { ok: false, reason: 'signature_missing' };
    const [authorization = '', ...more] = authorizations;
    if (more.length > 0 || authorization.length > MAX_AUTHORIZATION_CHARACTERS || request.query === undefined) {
      return { ok: false, reason: 'signature_malformed' };
    }
    const match = AUTHORIZATION.exec(authorization);
    if (match === null) return { ok: false, reason: 'signature_malformed' };
    const [, accessKeyId = '', date = '', region, service, signedHeaders = '', signature = ''] = match;
    const known = principals.get(accessKeyId);
    const refuse = (reason: SignatureRefusal): Verification =>
      known === undefined ? { ok: false, reason } : { ok: false, reason, claimed: known.principal };

    if (headers.has('x-amz-security-token')) return refuse('signature_unsupported');
    const time = only(headers.get('x-amz-date')) ?? '';
    const signedAt = parseAmzDate(time);
    if (signedAt === undefined) return refuse('signature_malformed');
    if (region !== this.on.region || service !== this.on.service || date !== time.slice(0, 8))
      return refuse('signature_scope');
    if (Math.abs(clock.now() - signedAt) > MAX_SKEW_MS) return refuse('signature_expired');
    const canonicalHeaders = canonicalizeHeaders(headers, signedHeaders);
    if (canonicalHeaders === undefined) return refuse('signature_headers');

    const bodyHash = sha256(request.body);
    const claimedHash = headers.get('x-amz-content-sha256');
    if (claimedHash !== undefined && only(claimedHash) !== bodyHash) {
      return refuse(/^[0-9a-f]{64}$/.test(only(claimedHash) ?? '') ? 'signature_body' : 'signature_unsupported');
    }
    const key = this.signingKey(known === undefined ? '' : accessKeyId, known?.secretAccessKey ?? this.nobody, date);
    const scope = `${date}/${region}/${service}/aws4_request`;
    const expected = Buffer.from(signature, 'hex');
    const isSigned = (query: string): boolean => {
      const canonical = `${request.method}\n${request.path}\n${query}\n${canonicalHeaders}\n${signedHeaders}\n${bodyHash}`;
      // Node gives header bytes as Latin-1 text; back to the bytes that the client signed.
      const canonicalHash = sha256(Buffer.from(canonical, 'latin1'));
      const made = createHmac('sha256', key).update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${canonicalHash}`).digest();
      return timingSafeEqual(made, expected);
    };
    const { canonical } = request.query;
    const matches = isSigned(canonical) || (request.rawQuery !== canonical && isSigned(request.rawQuery));
    if (known === undefined) return refuse('signature_unknown_key');
    return matches ? { ok: true, principal: known.principal } : refuse('signature_mismatch');
  }

  private signingKey(id: string, secretAccessKey: string, date: string): KeyObject {
    const cached = this.signingKeys.get(id);
    if (cached?.date === date) return cached.key;
    const hmac = (secret: string | Buffer, text: string): Buffer => createHmac('sha256', secret).update(text).digest();
    const ofService = hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), this.on.region), this.on.service);
    const key = createSecretKey(hmac(ofService, 'aws4_request'));
    this.signingKeys.set(id, { date, key });
    return key;
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const only = (values: readonly string[] | undefined): string | undefined =>
  values?.length === 1 ? values[0] : undefined;

/** Values by name in lower case. */
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
 * The canonical headers, or undefined where the list of signed headers is not as it must be: in lower case, sorted,
 * each once and in the request exactly once, with `host` and with every `x-amz-` header that the request has.
 */
function canonicalizeHeaders(
  headers: ReadonlyMap<string, readonly string[]>,
  signedHeaders: string,
): string | undefined {
  const names = signedHeaders.split(';');
  const signed = new Set(names);
  if (!signed.has('host') || signed.has('authorization')) return undefined;
  for (const name of headers.keys()) if (name.startsWith('x-amz-') && !signed.has(name)) return undefined;
  let canonical = '';
  let previous = '';
  for (const name of names) {
    // A name that is not in lower case is not in the map either.
    const value = only(headers.get(name));
    if (value === undefined || name <= previous) return undefined;
    canonical += `${name}:${value.trim().replaceAll(/[ \t]+/g, ' ')}\n`;
    previous = name;
  }
  return canonical;
}

/** Milliseconds since 1970, or undefined where the text is no time that exists. */
function parseAmzDate(text: string): number | undefined {
  if (!AMZ_DATE.test(text)) return undefined;
  const digits = (from: number, to: number): number => Number(text.slice(from, to));
  const [month, day] = [digits(4, 6) - 1, digits(6, 8)];
  const time = Date.UTC(digits(0, 4), month, day, digits(9, 11), digits(11, 13), digits(13, 15));
  const date = new Date(time);
  // Date.UTC takes the 31st of February for a day in March.
  return date.getUTCMonth() === month && date.getUTCDate() === day ? time : undefined;
}
