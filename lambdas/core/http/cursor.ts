import * as z from 'zod/mini';
import { ROTATION_ID_PATTERN } from '../contract/names';
import { isCredentialName } from '../credentials/credential';
import { invalidRequest } from '../errors/errors';
import { isTimestamp } from '../crypto/record-checks';
import { parseStrictJson } from '../crypto/strict-json';
import { decodeUtf8 } from '../crypto/utf8';
import type { CensusPosition } from '../dek-rotation/census';

/** After which name a list of credentials goes on. */
const credentialCursor = z.strictObject({ after: z.string().check(z.refine(isCredentialName)) });

const timestamp = z.string().check(z.refine(isTimestamp));

/**
 * Where a page of the audit log goes on. The period is part of it, so that defaults which depend on the time of the
 * first page stay as they were; `filters` says which query it belongs to.
 */
const auditCursor = z.strictObject({
  from: timestamp,
  to: timestamp,
  filters: z.string(),
  timestamp,
  id: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
});

/** Below which id a list of rotations goes on. */
const rotationCursor = z.strictObject({ before: z.string().check(z.regex(ROTATION_ID_PATTERN)) });

/** In which shard, and after which name in it, a census goes on. */
const censusCursor = z.strictObject({
  shard: z.int().check(z.minimum(0)),
  after: z.optional(z.string().check(z.refine(isCredentialName))),
});

export type AuditCursor = z.output<typeof auditCursor>;

export const encodeCredentialCursor = (after: string): string => encode({ after });
export const encodeRotationCursor = (before: string): string => encode({ before });
export const encodeCensusCursor = (position: CensusPosition): string => encode(position);
export const encodeAuditCursor = (cursor: AuditCursor): string => encode(cursor);

/** @throws KeywardError `invalid_request` */
export const decodeCredentialCursor = (text: string): string => decode(text, credentialCursor).after;

/** @throws KeywardError `invalid_request` */
export const decodeAuditCursor = (text: string): AuditCursor => decode(text, auditCursor);

/** @throws KeywardError `invalid_request` */
export const decodeRotationCursor = (text: string): string => decode(text, rotationCursor).before;

/** @throws KeywardError `invalid_request` */
export function decodeCensusCursor(text: string): CensusPosition {
  const { shard, after } = decode(text, censusCursor);
  return { shard, ...(after !== undefined && { after }) };
}

export const foreignCursor = () => invalidRequest('cursor: does not belong to this query');

const encode = (value: object): string => Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');

/** Nothing in a cursor is secret or trusted: whoever makes one up gets a page that the query without it would reach. */
function decode<S extends z.ZodMiniType>(text: string, schema: S): z.output<S> {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw foreignCursor();
  // What is no strict JSON is undefined, which no schema takes.
  const result = z.safeParse(schema, parseStrictJson(decodeUtf8(bytes) ?? ''));
  if (!result.success) throw foreignCursor();
  return result.data;
}
