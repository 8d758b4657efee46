interface Mistake {
  /** The rest of a sentence about the value, of which it repeats nothing. */
  readonly fault: string;
  readonly looks: readonly RegExp[];
}

/**
 * What is wrong with a value that is a copying mistake by its look, though it would do as a key; undefined where it has not the look of one.
 * No key that a provider gives out has such a look. Linear in the length of the value.
 *
 * @returns the rest of a sentence about the value, of which it repeats nothing
 */
export const mistakeIn = (value: string): string | undefined => faultOf(value, MISTAKES);

/** As {@link mistakeIn}, of what was copied along at one end: JSON and PEM that are not whole end so, too. */
export const strayEndIn = (value: string): string | undefined => faultOf(value, STRAY_ENDS);

function faultOf(value: string, mistakes: readonly Mistake[]): string | undefined {
  const text = value.trim();
  return mistakes.find(({ looks }) => looks.some((look) => look.test(text)))?.fault;
}

/** What a mask is made of: asterisks, bullets and blocks. */
const MASKED = '[*\u2022\u25cf\u2219\u00b7\u22c5\u25e6\u25aa\u25a0\u26ab\u2b24\u2588\u2217\u204e\u2731\uff0a]';

/** What keys are made of. A password may have anything else, and end with it. */
const PLAIN = '[\\w.:/+=~-]';

/** What keys begin with, such as `sk-proj-`. */
const SHORT_PREFIX = '(?:[a-z0-9]{1,6}[-_.]){0,4}';

/** As headers call keys: `x-api-key`, `Ocp-Apim-Subscription-Key`, `OPENAI_API_KEY`. */
const HEADER = '(?:[a-z0-9]{1,20}[-_]){0,6}(?:api[-_]?key|subscription-key|authorization|auth-token)';

/**
 * The first one that fits is told. A NAME is that of a shell's variable (POSIX.1-2017 section 8.1) of up to 64 characters, and only `=` behind it is the padding of
 * base64; some keys have `=` before their checksum (Atlassian's), but far behind. Each pattern is bound to an end of the value, or its repetitions have a limit or nothing
 * in common with what follows, so that the time does not grow with the square of the length.
 */
const MISTAKES: readonly Mistake[] = [
  {
    fault: 'is a mask, as lists show keys, and not the key',
    looks: [
      new RegExp(`${MASKED}[^]*${MASKED}[^]*${MASKED}|\\.{3}|\u2026|#{4}|\\?{4}`),
      // A longer run, or one behind a word, is what somebody has filled up to try a limit, and no mask.
      new RegExp(`^${SHORT_PREFIX}x{3,120}(?:-x{3,12}){0,8}[a-z0-9]{0,4}$`, 'i'),
      /^[[(<]?(?:redacted|hidden|masked|filtered|sensitive(?: value)?)[\])>]?$/i,
    ],
  },
  { fault: "is one of Keyward's tokens, and not a key", looks: [/^kw1\.[a-z0-9-]{1,50}\.[0-9]{1,16}\./] },
  { fault: 'begins with Bearer, which belongs to the header and not to the key', looks: [/^bearer(?:[\s:]|%20|$)/i] },
  {
    fault: 'begins as a header does (Basic, Token, x-api-key: ...), which does not belong to the key',
    looks: [/^(?:basic|token|api-?key)(?:\s|%20|$)/i, new RegExp(`^${HEADER}\\s*:`, 'i')],
  },
  {
    fault: 'is an assignment (NAME=...), and not the value alone',
    looks: [
      /^(?:(?:export|set|setx|env)\s+|\$env:|--?)?[A-Za-z_][A-Za-z0-9_]{0,63}\s*=[^\r\n]*[^=\s]/i,
      new RegExp(`^(?:--)?${HEADER}\\s*=[^\\r\\n]*[^=\\s]`, 'i'),
      new RegExp(`^=(?!=)${PLAIN}+$`),
    ],
  },
  {
    fault: 'is in quotes, which do not belong to it',
    looks: [
      /^(?:"[^]*"|'[^]*'|`[^]*`|[\u201c\u201e\u201d][^]*[\u201c\u201d]|[\u2018\u201a\u2019][^]*[\u2018\u2019]|\u00ab[^]*\u00bb)[,;]?$/,
    ],
  },
  {
    fault: 'has a reference that nobody has put a value in for',
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
    fault: 'stands for a key, and is none',
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
    fault: 'is the address of a service, and not the key for it',
    // One with a user, a query or a long run in its path can be a secret as a whole, as those of webhooks are.
    looks: [
      /^https?:\/\/[^/@?#\s]*(?:\/(?![A-Za-z0-9]{20}|[\w-]{40})[^/@?#\s]*)*(?:\?(?:api-version=[^&#@]*)?)?(?:#[^@]*)?$/i,
    ],
  },
];

const STRAY_ENDS: readonly Mistake[] = [
  {
    fault: 'has a quotation mark at one end, which does not belong to it',
    looks: [new RegExp(`^\\\\?["'\`]${PLAIN}+\\\\?["'\`]?[,;)\\]}]*$`), new RegExp(`^${PLAIN}+\\\\?["'\`][,;)\\]}]*$`)],
  },
  { fault: 'ends with a comma or a semicolon, which does not belong to it', looks: [new RegExp(`^${PLAIN}+[,;]$`)] },
  {
    fault: 'ends with the escape of a line end or a blank, spelt out',
    looks: [new RegExp(`^${PLAIN}+(?:\\\\[nrt]|%(?:0a|0d|09|20))+$`, 'i')],
  },
];
