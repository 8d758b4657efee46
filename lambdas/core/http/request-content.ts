import { isUtf8 } from 'node:buffer';
import type * as z from 'zod/mini';
import { MAX_BODY_BYTES } from '../contract/limits';
import { invalidRequest, KeywardError } from '../errors/errors';
import { readStrictJson } from '../crypto/strict-json';
import { queryValues, type ProxyEvent } from './proxy-event';
import { validate } from './validation';

/**
 * Reads the body by a schema; without a schema there must be none.
 *
 * @throws KeywardError `payload_too_large` over {@link MAX_BODY_BYTES}, `invalid_request`
 */
export function readBody(event: ProxyEvent, schema: z.ZodMiniType | undefined): unknown {
  const text = bodyText(event);
  if (schema !== undefined) return validate(schema, parseBody(text), 'body');
  if (text !== '') throw invalidRequest('body: this call takes none');
  return undefined;
}

/**
 * Reads the query by a schema of text values.
 *
 * @throws KeywardError `invalid_request`, also for a parameter that occurs twice
 */
export function readQuery(event: ProxyEvent, schema: z.ZodMiniType): unknown {
  const parameters = queryValues(event);
  if (parameters.some(([, values]) => values.length !== 1)) {
    throw invalidRequest('query: every parameter must occur once');
  }
  const query = Object.fromEntries(parameters.map(([name, values]) => [name, values[0]]));
  if (!Object.values(query).every((value) => value?.isWellFormed())) {
    throw invalidRequest('query: the text is not well-formed Unicode');
  }
  return validate(schema, query, 'query');
}

function parseBody(text: string): unknown {
  const reading = readStrictJson(text);
  if ('fault' in reading) throw invalidRequest(reading.fault);
  return reading.value;
}

function bodyText({ body, isBase64Encoded }: ProxyEvent): string {
  if (!body) return '';
  const bytes = isBase64Encoded ? Buffer.from(body, 'base64') : undefined;
  if ((bytes?.length ?? Buffer.byteLength(body, 'utf8')) > MAX_BODY_BYTES) {
    throw new KeywardError('payload_too_large', `the body has more than ${MAX_BODY_BYTES} bytes`);
  }
  if (bytes === undefined) return body;
  // Decoding would replace what is not UTF-8 and so change what was sent.
  if (!isUtf8(bytes)) throw invalidRequest('body: the text is not UTF-8');
  return bytes.toString('utf8');
}
