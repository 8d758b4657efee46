import { isVariable, targetFault } from './target-variable';

/** An entry of an environment file. */
export interface EnvEntry {
  readonly variable: string;
  readonly value: string;
  /** Its first line, from 1. */
  readonly line: number;
}

/** A rule that a file breaks, and the line. Repeats nothing of the file but valid variable names. */
export class EnvFileFault extends Error {
  override readonly name = 'EnvFileFault';

  constructor(
    readonly line: number,
    readonly rule: string,
  ) {
    super(rule);
  }
}

/**
 * Parses an environment file in dotenv format: `NAME=value` or `export NAME=value` on a line, comments with `#`, values in `'`,
 * `"` or backticks over several lines, and in `"` a line end for `\n`. `$NAME` is not expanded.
 *
 * Accepted files have the same meaning as with Node's `util.parseEnv`, except for tabs, comments and blank lines, which Node 20
 * misreads. `util.parseEnv` skips lines that it does not understand, cuts `a#b` to `a` and accepts duplicate names; here these
 * are refused, because a program without a part of its settings runs with others.
 *
 * @throws EnvFileFault
 */
export function parseEnvFile(text: string): readonly EnvEntry[] {
  const reader = new Reader(text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n'));
  const entries: EnvEntry[] = [];
  const lines = new Map<string, number>();
  for (let entry = reader.next(); entry !== undefined; entry = reader.next()) {
    const before = lines.get(entry.variable);
    if (before !== undefined) throw new EnvFileFault(entry.line, `${entry.variable} is already on line ${before}`);
    lines.set(entry.variable, entry.line);
    entries.push(entry);
  }
  return entries;
}

const BLANK = /^[ \t]*(?:#[^\n]*)?(?:\n|$)/;
const BEGINNING = /^[ \t]*(?:export[ \t]+)?([^\s=#]+)[ \t]*=[ \t]*/;
const END_OF_LINE = /^[ \t]*(?:#[^\n]*)?(?:\n|$)/;

class Reader {
  private line = 1;

  constructor(private rest: string) {}

  next(): EnvEntry | undefined {
    while (this.rest !== '' && this.take(BLANK) !== undefined);
    if (this.rest === '') return undefined;
    const { line } = this;
    const [, variable = ''] = this.take(BEGINNING) ?? this.refuse('must be NAME=value, a comment or empty');
    const fault = targetFault(variable);
    if (fault !== undefined) this.refuse(isVariable(variable) ? `${variable} ${fault}` : `the variable ${fault}`);
    const value = /^['"`]/.test(this.rest) ? this.quoted(variable) : this.plain(variable);
    if (value.includes('\0')) this.refuse(`the value of ${variable} has a NUL, which no variable can hold`);
    if (value.includes('\r')) this.refuse(`the value of ${variable} has a single carriage return`);
    return { variable, value, line };
  }

  private quoted(variable: string): string {
    const quote = this.rest.charAt(0);
    const end = this.rest.indexOf(quote, 1);
    if (end === -1) this.refuse(`the quote of ${variable} is not closed`);
    const inside = this.rest.slice(1, end);
    this.pass(end + 1);
    if (this.take(END_OF_LINE) === undefined) this.refuse(`${variable} has text after its closing quote`);
    return quote === '"' ? inside.replaceAll(String.raw`\n`, '\n') : inside;
  }

  private plain(variable: string): string {
    const [whole] = this.take(/^[^\n]*(?:\n|$)/) ?? [''];
    const value = whole.replace(/(?:^|[ \t])#[^]*$/, '').trim();
    if (value.includes('#')) this.refuse(`a value with # needs quotes: that of ${variable} has none`);
    return value;
  }

  /** Consumes a match at the start of the remaining text. */
  private take(pattern: RegExp): RegExpExecArray | undefined {
    const found = pattern.exec(this.rest);
    if (found === null) return undefined;
    this.pass(found[0].length);
    return found;
  }

  private pass(length: number): void {
    this.line += this.rest.slice(0, length).split('\n').length - 1;
    this.rest = this.rest.slice(length);
  }

  private refuse(rule: string): never {
    throw new EnvFileFault(this.line, rule);
  }
}
