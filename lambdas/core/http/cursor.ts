import * as z from 'zod/mini';
import { parseStrictJson } from '../crypto/strict-json';
import { decodeUtf8 } from '../crypto/utf8';
import { invalidRequest } from '../errors/errors';

/** The place at which a list continues, as text that callers send back. */
export interface Cursor<I, O> {
  readonly encode: (place: I) => string;
  /** @throws KeywardError `invalid_request` */
  readonly decode: (text: string) => O;
}

/**
 * Defines a cursor whose places match the schema. A cursor is neither secret nor trusted: a forged one gives a page that the
 * query without it would reach.
 */
export const defineCursor = <S extends z.ZodMiniType>(schema: S): Cursor<z.input<S>, z.output<S>> => ({
  encode: (place) => Buffer.from(JSON.stringify(place), 'utf8').toString('base64url'),
  decode: (text) => {
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.toString('base64url') !== text) throw foreignCursor();
    // Text that is not strict JSON gives undefined, which no schema accepts.
    const result = z.safeParse(schema, parseStrictJson(decodeUtf8(bytes) ?? ''));
    if (!result.success) throw foreignCursor();
    return result.data;
  },
});

export const foreignCursor = () => invalidRequest('cursor: does not belong to this query');
