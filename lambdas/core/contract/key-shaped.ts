/**
 * What keys begin with that nobody begins a name with: OpenAI, Anthropic, OpenRouter, DeepSeek, Stability and others; ElevenLabs and
 * Stripe; Google; Keyward's own tokens.
 */
const PREFIX = /^(?:sk-|sk_|AIza|kw1\.)/;

/** Where a name or a part of it begins, looked for in place: cutting off what stands before takes a time that is the square of the length. */
const BEGINS = '(?<![^._-])';

/**
 * What other keys begin with. A name may begin so, too, such as `hf_prod`, but has not so many characters behind it, and the
 * shortest of these keys has 34 (gitleaks, config/gitleaks.toml; GitHub, "Supported secret scanning patterns"; IAM User Guide,
 * "IAM identifiers"). By lines: AI providers; what is kept beside them; code and packages; chat and payments; clouds; JSON Web Tokens.
 */
const LONG_PREFIX = new RegExp(
  `${BEGINS}(?:${[
    '(?:csk-|gsk_|hf_|xai-|pplx-|nvapi-|r8_|tgp_v1_).{20}',
    '(?:pcsk_|lsv2_|pk-lf-|tvly-|jina_).{20}',
    '(?:pa-|fc-|fw_|dapi)[A-Za-z0-9]{20}',
    '(?:gh[opsur]_|github_pat_|glpat-|npm_).{20}',
    '(?:xox[bp]-|rk_live_|pk_live_|SG\\.|ATATT3).{20}',
    '(?:ya29\\.|GOCSPX-|ABSK).{20}',
    '(?:AKIA|ASIA)[A-Z0-9]{12}',
    'eyJ.{20}',
  ].join('|')})`,
);

/** After a separator in a name even the first kind needs so many characters behind it: `my-sk-key` is a name. */
const PREFIX_INSIDE = new RegExp(`${BEGINS}(?:sk-|sk_|AIza|kw1\\.).{20}`);

/** RFC 9562 section 4, and ULIDs: identifiers, which name things and open nothing. */
const IDENTIFIER =
  /(?<![A-Za-z0-9])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25})(?![A-Za-z0-9])/gi;

const SHORTEST_RUN = 32;
const LEAST_BITS = 3.5;
/** Of 32 random hexadecimal digits every fifth run has less than 3.5 bits each, because it is short, and none less than that. */
const LEAST_BITS_OF_HEX = 3.2;

/**
 * Whether a name is an API key by its look, and so has come by mistake to where names stand in clear: it begins as keys of known
 * providers do, or has a run of 32 characters or more with 3.5 bits each (Shannon's entropy of the characters that it has).
 * Hyphenated UUIDs and ULIDs are names. Linear in the length.
 *
 * @param name as `CREDENTIAL_NAME_PATTERN` has it, or what was given for one
 */
export function isKeyShaped(name: string): boolean {
  if (PREFIX.test(name)) return true;
  if (LONG_PREFIX.test(name) || PREFIX_INSIDE.test(name)) return true;
  const text = name.replaceAll(IDENTIFIER, '.');
  return (text.match(/[A-Za-z0-9]+/g) ?? []).some(isRandom) || (text.match(/[\w-]+/g) ?? []).some(isRandomBase64);
}

function isRandom(run: string): boolean {
  if (run.length < SHORTEST_RUN) return false;
  const isHex = /^[0-9a-f]+$/i.test(run) && /[0-9]/.test(run) && /[a-f]/i.test(run);
  return bitsEach(run) >= (isHex ? LEAST_BITS_OF_HEX : LEAST_BITS);
}

/**
 * Keys in URL-safe base64 have `-` and `_` inside (RFC 4648 section 5), which names have too. But names go from capitals to small
 * letters or digits and back now and then, and random characters do in 62 of 100 pairs.
 */
function isRandomBase64(run: string): boolean {
  if (!isRandom(run)) return false;
  const kinds = Array.from(run.replaceAll(/[_-]/g, ''), kindOf);
  const changes = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length;
  return new Set(kinds).size === 3 && changes >= (kinds.length - 1) * 0.45;
}

const kindOf = (character: string): 'digit' | 'small' | 'capital' =>
  character <= '9' ? 'digit' : character >= 'a' ? 'small' : 'capital';

function bitsEach(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}
