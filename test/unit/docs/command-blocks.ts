import type { Document } from './documents';

/** How `npm run test:long -- documents` runs a block of commands, from the line above it. */
export const WAYS = {
  'run: server': 'in a fresh clone, as long as all others take',
  'run: in the clone': 'once the server serves, in the clone',
  'run: setting': 'in the clone, before each of the following ones',
  run: 'in another folder, one line after the other, with a key on stdin',
  'run: shells': 'each line by the shell that it names',
  file: 'not at all: it is a file, which its first line names',
} as const;

type Way = keyof typeof WAYS | 'not run';

export interface CommandBlock {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  /** Undefined: the document does not say. */
  readonly way: Way | undefined;
  /** The reason why it is not run. */
  readonly reason: string;
  /** Its stdout, from the block marked `output` after it. Undefined: the document does not say. */
  readonly output?: string;
}

const BLOCK =
  /^(?:<!-- (.+) -->\n)?```(?:sh|bash|shell|console)\n([\s\S]*?)^```$(?:\n\n<!-- output -->\n```\n([\s\S]*?)^```$)?/gm;

/** All blocks of shell commands, in order. */
export function commandBlocks({ path, text }: Document): readonly CommandBlock[] {
  return Array.from(text.matchAll(BLOCK), (match) => {
    const [, mark = '', commands = '', output] = match;
    const [, reason = ''] = /^not run: (.+)$/.exec(mark) ?? [];
    const way = reason === '' ? (Object.keys(WAYS) as (keyof typeof WAYS)[]).find((each) => each === mark) : 'not run';
    const line = text.slice(0, match.index).split('\n').length;
    return { path, line, text: commands, way, reason, ...(output !== undefined && { output }) };
  });
}

/** Complete files in a document, in any language, with their names in a comment in the first line. */
export const shownFiles = ({ text }: Document): ReadonlyMap<string, string> =>
  new Map(
    Array.from(
      text.matchAll(/^```[a-z]+\n(?:#|\/\/) ((?:[\w-]+)?\.\w+)\n([\s\S]*?)^```$/gm),
      ([, name = '', content = '']) => [name, content],
    ),
  );
