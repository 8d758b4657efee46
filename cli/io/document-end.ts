import { unfitnessOf } from '../../lambdas/core/credentials/value-rule';
import { pemLineOf } from '../../lambdas/core/credentials/pem-blocks';

const BEGIN_MARK = '-----BEGIN ';

/** Longer than any line that begins or ends a PEM block. */
export const MAX_MARK_LINE = 200;

/** The kind of a text, as far as its beginning tells: a JSON object, or text with PEM blocks. */
export type DocumentKind = 'json' | 'pem';

/** By the first non-empty line. A line that begins a PEM block counts when it is complete. */
export function documentKindOf(text: string): DocumentKind | undefined {
  const begun = text.trimStart();
  if (begun.startsWith('{')) return 'json';
  return begun.startsWith(BEGIN_MARK) && pemLineOf(firstLineOf(begun)) === 'begin' ? 'pem' : undefined;
}

const firstLineOf = (text: string): string => text.split('\n', 1)[0] ?? '';

/** Whether a line ends a PEM block, as far as the line alone can tell. */
export const isEndLine = (line: string): boolean => pemLineOf(line) === 'end';

/** Whether a line begins a PEM block, or may yet become one that does. */
export const mayBeginBlock = (line: string): boolean => {
  const begun = line.trimStart();
  return begun !== '' && (BEGIN_MARK.startsWith(begun) || begun.startsWith(BEGIN_MARK));
};

/** The end of the last PEM block, after the line's end, and whether another one has begun since. */
export interface PemProgress {
  readonly end: number | undefined;
  readonly isInBlock: boolean;
}

export function pemProgress(text: string): PemProgress {
  let end: number | undefined;
  let isInBlock = false;
  let at = 0;
  for (const line of text.split('\n')) {
    const next = at + line.length + 1;
    const which = pemLineOf(line);
    if (which === 'begin') isInBlock = true;
    else if (isInBlock && which === 'end') {
      isInBlock = false;
      end = Math.min(next, text.length);
    }
    at = next;
  }
  return { end, isInBlock };
}

/** The end of the object that a text begins with, by its brackets and strings alone; undefined if it is not complete. */
export function objectEnd(text: string): number | undefined {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

/** Whether a text is a complete document, by the rule for values: {@link unfitnessOf}. */
export const isWholeDocument = (text: string): boolean => unfitnessOf(text, 'document') === undefined;
