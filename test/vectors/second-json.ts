/**
 * Strict JSON once more, written from docs/format.md and RFC 8259 alone: a parser that goes down by recursion, without `JSON.parse`.
 * Objects are maps, so that no name means anything to them. Whatever is refused is undefined.
 */
export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>;

class Refused extends Error {}

export function readJson(text: string): Json | undefined {
  try {
    return new Reader(text).whole();
  } catch (thrown) {
    if (thrown instanceof Refused) return undefined;
    throw thrown;
  }
}

const MOST_LEVELS = 8;
const SIMPLE: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  whole(): Json {
    const value = this.value(0);
    if (this.at < this.text.length) throw new Refused();
    return value;
  }

  /** A value with the white space around it. */
  private value(level: number): Json {
    this.space();
    const value = this.bare(level);
    this.space();
    return value;
  }

  private bare(level: number): Json {
    switch (this.text[this.at]) {
      case '{':
        return this.object(level + 1);
      case '[':
        return this.array(level + 1);
      case '"':
        return this.string();
      default:
        return this.word();
    }
  }

  private space(): void {
    while (/[ \t\n\r]/.test(this.text.charAt(this.at))) this.at += 1;
  }

  private take(expected: string): boolean {
    if (this.text[this.at] !== expected) return false;
    this.at += 1;
    return true;
  }

  private need(expected: string): void {
    if (!this.take(expected)) throw new Refused();
  }

  private object(level: number): Json {
    if (level > MOST_LEVELS) throw new Refused();
    const members = new Map<string, Json>();
    this.need('{');
    this.space();
    if (this.take('}')) return members;
    do {
      this.space();
      const name = this.string();
      if (members.has(name) || name === '__proto__') throw new Refused();
      this.space();
      this.need(':');
      members.set(name, this.value(level));
    } while (this.take(','));
    this.need('}');
    return members;
  }

  private array(level: number): Json {
    if (level > MOST_LEVELS) throw new Refused();
    const items: Json[] = [];
    this.need('[');
    this.space();
    if (this.take(']')) return items;
    do items.push(this.value(level));
    while (this.take(','));
    this.need(']');
    return items;
  }

  private string(): string {
    this.need('"');
    let units = '';
    for (;;) {
      const unit = this.text[this.at];
      if (unit === undefined || unit < ' ') throw new Refused();
      this.at += 1;
      if (unit === '"') break;
      units += unit === '\\' ? this.escape() : unit;
    }
    // With the flag u a pair is one character: what is left in this range is half of one.
    if (/[\ud800-\udfff]/u.test(units)) throw new Refused();
    return units;
  }

  private escape(): string {
    const letter = this.text.charAt(this.at);
    this.at += 1;
    if (letter === '"' || letter === '\\' || letter === '/') return letter;
    const simple = SIMPLE[letter];
    if (simple !== undefined) return simple;
    const digits = this.text.slice(this.at, this.at + 4);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) throw new Refused();
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  private word(): Json {
    const rest = /^(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)/.exec(
      this.text.slice(this.at),
    );
    if (rest === null) throw new Refused();
    this.at += rest[0].length;
    if (rest[0] === 'null') return null;
    if (rest[0] === 'true' || rest[0] === 'false') return rest[0] === 'true';
    const value = Number(rest[0]);
    if (!Number.isFinite(value) || scientific(rest[0]) !== scientific(String(value))) throw new Refused();
    return value === 0 ? 0 : value;
  }
}

/** A decimal number as its sign, its digits without zeros around them, and the power of ten of the last; equal where values are. */
function scientific(number: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]\+?(-?[0-9]+))?$/.exec(number) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const last = BigInt(power) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${last}`;
}

/** RFC 8785. */
export function writeJson(value: Json): string {
  if (value instanceof Map) {
    const names = [...(value as ReadonlyMap<string, Json>).keys()].sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${writeJson((value as ReadonlyMap<string, Json>).get(name)!)}`).join(',')}}`;
  }
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(writeJson).join(',')}]`;
  return JSON.stringify(value);
}
