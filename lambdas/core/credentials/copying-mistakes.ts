interface Mistake {
  /** A predicate that repeats nothing of the value. */
  readonly fault: string;
  readonly looks: readonly RegExp[];
}

/**
 * The fault of a value that would be valid as a key but looks like a copying mistake; undefined for any other. No key of a
 * provider looks like one. Linear in the length of the value.
 *
 * @returns a predicate that repeats nothing of the value
 */
export const mistakeIn = (value: string): string | undefined => faultOf(value, MISTAKES);

/** As {@link mistakeIn}, for characters copied along at one end, which incomplete JSON and PEM also have. */
export const strayEndIn = (value: string): string | undefined => faultOf(value, STRAY_ENDS);

function faultOf(value: string, mistakes: readonly Mistake[]): string | undefined {
  const text = value.trim();
  return mistakes.find(({ looks }) => looks.some((look) => look.test(text)))?.fault;
}

/** Characters of masks: asterisks, bullets and blocks. */
const MASKED = '[*\u2022\u25cf\u2219\u00b7\u22c5\u25e6\u25aa\u25a0\u26ab\u2b24\u2588\u2217\u204e\u2731\uff0a]';

/** Characters of keys. A password may have others, also at its end. */
const PLAIN = '[\\w.:/+=~-]';

/** Prefix of a key, such as `sk-proj-`. */
const SHORT_PREFIX = '(?:[a-z0-9]{1,6}[-_.]){0,4}';

/** Names that headers have for keys: `x-api-key`, `Ocp-Apim-Subscription-Key`, `OPENAI_API_KEY`. */
const HEADER = '(?:[a-z0-9]{1,20}[-_]){0,6}(?:api[-_]?key|subscription-key|authorization|auth-token)';

/**
 * The first mistake that fits is reported. NAME is a shell variable (POSIX.1-2017 section 8.1) of up to 64 characters; a lone `=`
 * after it is padding of base64. Some keys (Atlassian's) have `=` before their checksum, but later. Each pattern is anchored, or
 * its repetitions are bounded or disjoint from what follows, so the time is not quadratic.
 */
const MISTAKES: readonly Mistake[] = [
  {
    fault: 'is a mask, not the key',
    looks: [
      new RegExp(`${MASKED}[^]*${MASKED}[^]*${MASKED}|\\.{3}|\u2026|#{4}|\\?{4}`),
      // A longer run, or one after a word, is a test of a limit and not a mask.
      new RegExp(`^${SHORT_PREFIX}x{3,120}(?:-x{3,12}){0,8}[a-z0-9]{0,4}$`, 'i'),
      /^[[(<]?(?:redacted|hidden|masked|filtered|sensitive(?: value)?)[\])>]?$/i,
    ],
  },
  { fault: "is one of Keyward's tokens, not a key", looks: [/^kw1\.[a-z0-9-]{1,50}\.[0-9]{1,16}\./] },
  { fault: 'begins with Bearer, which is part of the header and not of the key', looks: [/^bearer(?:[\s:]|%20|$)/i] },
  {
    fault: 'begins like a header (Basic, Token, x-api-key: ...), which is not part of the key',
    looks: [/^(?:basic|token|api-?key)(?:\s|%20|$)/i, new RegExp(`^${HEADER}\\s*:`, 'i')],
  },
  {
    fault: 'is an assignment (NAME=...), not the value alone',
    looks: [
      /^(?:(?:export|set|setx|env)\s+|\$env:|--?)?[A-Za-z_][A-Za-z0-9_]{0,63}\s*=[^\r\n]*[^=\s]/i,
      new RegExp(`^(?:--)?${HEADER}\\s*=[^\\r\\n]*[^=\\s]`, 'i'),
      new RegExp(`^=(?!=)${PLAIN}+$`),
    ],
  },
  {
    fault: 'is in quotes, which are not part of the key',
    looks: [
      /^(?:"[^]*"|'[^]*'|`[^]*`|[\u201c\u201e\u201d][^]*[\u201c\u201d]|[\u2018\u201a\u2019][^]*[\u2018\u2019]|\u00ab[^]*\u00bb)[,;]?$/,
    ],
  },
  {
    fault: 'has an unresolved reference to a variable',
    looks: [
      new RegExp(`^${PLAIN}*(?:\\$\\{[^{}]{1,200}\\}|\\$?\\{\\{[^{}]{1,200}\\}\\})${PLAIN}*$`),
      /^\$(?:env:)?[A-Z_][A-Z0-9_]{0,63}$/,
      /^\$(?:env:)?[a-z_][a-z0-9_]{0,40}(?:key|token|secret)$/i,
      /^\$\([^()]*\)$/,
      /^%[A-Z_][A-Z0-9_]{0,63}%$/i,
      /^(?:process\.env|os\.environ|os\.getenv|import\.meta\.env|System\.getenv)\b/,
      /^(?:op|vault|file|env|secret|ref\+[a-z]{1,20}):\/\/|^arn:aws/i,
    ],
  },
  {
    fault: 'is a placeholder, not a key',
    looks: [
      /^[\w.-]*<[a-z][a-z0-9_. -]{0,60}>$/i,
      /(?:^|[^a-z0-9])(?:your|insert|enter|replace|paste|put)[-_]?(?:[a-z0-9]{1,20}[-_]){0,4}(?:api[-_]?)?(?:key|token|secret)(?:[^a-z0-9]|$)/i,
      /(?:^|[^a-z0-9])(?:key|token|secret)[-_](?:goes[-_])?here$/i,
      /^[[{(<]?(?:change[-_]?me|replace[-_]?me|placeholder|todo|tbd|fixme|api[-_]?key|none|null|nil|nan|undefined|true|false)[\]})>]?$/i,
      /^[A-Z][A-Z0-9_]{0,60}_(?:KEY|TOKEN|SECRET)$/,
      /^\[object [A-Za-z]{1,40}\]$/,
    ],
  },
  {
    fault: 'is the address of a service, not its key',
    // An address with a user, a query or a long run in its path can be a secret as a whole, as those of webhooks are.
    looks: [
      /^https?:\/\/[^/@?#\s]*(?:\/(?![A-Za-z0-9]{20}|[\w-]{40})[^/@?#\s]*)*(?:\?(?:api-version=[^&#@]*)?)?(?:#[^@]*)?$/i,
    ],
  },
];

const STRAY_ENDS: readonly Mistake[] = [
  {
    fault: 'has a quotation mark at one end, which is not part of the key',
    looks: [new RegExp(`^\\\\?["'\`]${PLAIN}+\\\\?["'\`]?[,;)\\]}]*$`), new RegExp(`^${PLAIN}+\\\\?["'\`][,;)\\]}]*$`)],
  },
  { fault: 'ends with a comma or a semicolon, which is not part of the key', looks: [new RegExp(`^${PLAIN}+[,;]$`)] },
  {
    fault: 'ends with a written-out escape of a line end or a blank',
    looks: [new RegExp(`^${PLAIN}+(?:\\\\[nrt]|%(?:0a|0d|09|20))+$`, 'i')],
  },
];
