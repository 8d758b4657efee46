import { isUtf8 } from 'node:buffer';
import * as z from 'zod/mini';
import { tooLarge } from '../contract/problems';
import { invalidRequest, KeywardError } from '../errors/errors';
import { isRecord } from '../crypto/record-checks';
import { parseStrictJson, readStrictJson } from '../crypto/strict-json';
import { checkContentCoding } from './content-coding';
import type { Operation } from './operation';
import { headerValues, queryValues, type ProxyEvent } from './proxy-event';
import { memberOf, validate } from './validation';

/** Of operations that take no parameter. */
export const NO_QUERY = z.strictObject({});

/** JSON's white space. */
const BLANK = /^[ \t\n\r]*$/;

/**
 * Whether a request with the schema may have no body, because all its members are optional. An empty body, white space and `null`
 * count as no body (RFC 9110 section 6.4 does not tell an empty body from none; clients that always send JSON send `null` or
 * `{}`).
 */
export const isOptionalBody = (schema: z.ZodMiniType): boolean => z.safeParse(schema, {}).success;

/**
 * Reads the body by the operation's schema. Without a schema there must be no body; `{}` counts as none.
 *
 * @throws KeywardError `payload_too_large`, `unsupported_media_type`, `invalid_request`
 */
export function readBody(
  event: ProxyEvent,
  { request: schema, maxBodyBytes }: Pick<Operation, 'request' | 'maxBodyBytes'>,
): unknown {
  const text = bodyText(event, maxBodyBytes);
  if (schema === undefined) {
    if (!isNothing(text)) throw invalidRequest('body: this call takes no body');
    return undefined;
  }
  const body = BLANK.test(text) ? null : parseBody(text);
  if (body !== null) return validate(schema, body, 'body');
  if (!isOptionalBody(schema)) throw invalidRequest('the body is missing');
  return validate(schema, {}, 'body');
}

/**
 * Reads the query by a schema of text values. An optional parameter without a value counts as left out: forms and generated
 * clients send all their fields.
 *
 * @throws KeywardError `invalid_request`, also for a parameter that occurs twice
 */
export function readQuery(event: ProxyEvent, schema: z.ZodMiniType): unknown {
  const parameters = queryValues(event);
  if (parameters.length === 0 && schema === NO_QUERY) return {};
  if (parameters.some(([, values]) => values.length !== 1)) {
    throw invalidRequest('query: a parameter occurs more than once');
  }
  const given = parameters.flatMap(([name, [value = '']]) =>
    value === '' && memberOf(schema, name)?._zod.optin !== undefined ? [] : [[name, value] as const],
  );
  if (!given.every(([, value]) => value.isWellFormed())) {
    throw invalidRequest('query: the text is not well-formed Unicode');
  }
  return validate(schema, Object.fromEntries(given), 'query');
}

/** Whether a body counts as none. */
function isNothing(text: string): boolean {
  if (BLANK.test(text)) return true;
  const value = parseStrictJson(text);
  return value === null || (isRecord(value) && Object.keys(value).length === 0);
}

function parseBody(text: string): unknown {
  const reading = readStrictJson(text);
  if ('fault' in reading) throw invalidRequest(reading.fault);
  return reading.value;
}

function bodyText(event: ProxyEvent, maxBytes: number): string {
  const { body, isBase64Encoded } = event;
  if (!body) return '';
  const bytes = isBase64Encoded ? Buffer.from(body, 'base64') : undefined;
  if ((bytes?.length ?? Buffer.byteLength(body, 'utf8')) > maxBytes) {
    throw new KeywardError('payload_too_large', tooLarge(maxBytes));
  }
  checkContentCoding(headerValues(event, 'content-encoding'));
  if (bytes === undefined) return body;
  // Decoding would replace invalid UTF-8 and so change the input.
  if (!isUtf8(bytes)) throw invalidRequest('body: the text is not UTF-8');
  return bytes.toString('utf8');
}
