/**
 * Prefixes of keys that no name begins with: OpenAI, Anthropic, OpenRouter, DeepSeek, Stability and others; ElevenLabs and
 * Stripe; Google; Keyward's own tokens.
 */
const PREFIX = /^(?:sk-|sk_|AIza|kw1\.)/;

/** The beginning of a name or of a part of it, matched in place: cutting the name into parts would take quadratic time. */
const BEGINS = '(?<![^._-])';

/**
 * Prefixes of other keys. A name may have such a prefix, such as `hf_prod`, but has fewer characters after it; the shortest of
 * these keys has 34 (gitleaks, config/gitleaks.toml; GitHub, "Supported secret scanning patterns"; IAM User Guide, "IAM
 * identifiers"). By lines: AI providers; services that are used with them; code and packages; chat and payments; clouds; JSON Web
 * Tokens.
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

/** After a separator a prefix of the first kind also needs so many characters after it: `my-sk-key` is a name. */
const PREFIX_INSIDE = new RegExp(`${BEGINS}(?:sk-|sk_|AIza|kw1\\.).{20}`);

/** UUIDs (RFC 9562 section 4) and ULIDs: identifiers, not keys. */
const IDENTIFIER =
  /(?<![A-Za-z0-9])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25})(?![A-Za-z0-9])/gi;

const SHORTEST_RUN = 32;
const LEAST_BITS = 3.5;
/**
 * A fifth of all runs of 32 random hexadecimal digits have less than 3.5 bits each, because a run is short; none has less than
 * this.
 */
const LEAST_BITS_OF_HEX = 3.2;

/**
 * Whether a name looks like an API key that was given in place of a name: it has the prefix of a known provider's keys, or a run
 * of at least 32 characters with 3.5 bits each (Shannon entropy of the run's characters). Hyphenated UUIDs and ULIDs are names.
 * Linear in the length.
 *
 * @param name any text, whether it matches `CREDENTIAL_NAME_PATTERN` or not
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
 * Keys in URL-safe base64 have `-` and `_` inside (RFC 4648 section 5), as names do. But names seldom change between capitals,
 * small letters and digits; random characters do in 62 of 100 pairs.
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
