import { isKeyShaped } from '../../lambdas/core/contract/key-shaped';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';

/** Shorter texts often occur by chance. In characters, and bytes. */
export const LEAST_HIDDEN = 8;

/** The lines before and after a key in PEM (RFC 7468 section 2) are the same for all keys. */
const PEM_BOUNDARY = /^-----(?:BEGIN|END) [^\n]*-----$/;

/** Whether a value is masked at all. */
export const isHidden = (value: string): boolean => Array.from(value).length >= LEAST_HIDDEN;

/**
 * Returns the texts in which a program may show a value: unchanged, each of its lines of at least 8 characters, as a JSON string,
 * percent-encoded, and in base64, also within a longer base64 text. For a JSON document also its strings that look like API keys
 * or have several lines.
 *
 * @param values values for which {@link isHidden} is true
 */
export function hiddenForms(values: readonly string[]): readonly Uint8Array[] {
  const texts = values.flatMap((value) => [value, ...stringsIn(parseStrictJson(value)).filter(isSecretString)]);
  const forms = new Set(texts.flatMap((text) => [...linesOf(text), ...formsOf(text), ...formsOf(text.trim())]));
  return [...forms].map((form) => Buffer.from(form)).filter(({ length }) => length >= LEAST_HIDDEN);
}

const isSecretString = (text: string): boolean => isHidden(text) && (isKeyShaped(text) || text.includes('\n'));

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

const linesOf = (text: string): readonly string[] =>
  text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => isHidden(line) && !PEM_BOUNDARY.test(line));

function formsOf(text: string): readonly string[] {
  const inJson = JSON.stringify(text).slice(1, -1);
  const percent = encodeURIComponent(text);
  // Form encoding (WHATWG URL, "application/x-www-form-urlencoded").
  const form = new URLSearchParams({ '': text }).toString().slice(1);
  return [
    text,
    text.replaceAll('\n', '\r\n'),
    inJson,
    // PHP's escaping.
    inJson.replaceAll('/', String.raw`\/`),
    ...[percent, form].flatMap((encoded) => [encoded, encoded.replaceAll(/%../g, (code) => code.toLowerCase())]),
    ...base64FormsOf(Buffer.from(text)),
  ];
}

/**
 * Returns the base64 forms of a text. Three bytes are four characters (RFC 4648 section 4), so that a text within a longer one
 * has three forms, depending on the number of bytes before it. Characters that include bits of preceding or following bytes are
 * left out.
 */
function base64FormsOf(bytes: Buffer): readonly string[] {
  const forms = [0, 1, 2].flatMap((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]);
    const toEnd = all.toString('base64').slice(Math.ceil((before * 4) / 3));
    const within = toEnd.slice(0, Math.floor((all.length * 4) / 3) - Math.ceil((before * 4) / 3));
    return [within, toEnd, toEnd.replaceAll('=', '')];
  });
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
