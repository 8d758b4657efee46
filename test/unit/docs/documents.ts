import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';

/** Every Markdown file of the tree. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

/** Every file that git has of the tree, or would add. */
export const trackedFiles = (): readonly string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
    .toString('utf8')
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(ROOT, file)));

export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

export const documents = (): readonly Document[] =>
  trackedFiles()
    .filter((path) => path.endsWith('.md'))
    .map((path) => ({ path, text: textOf(path) }));

/** The text without fenced blocks: their lines are left empty, so that line numbers stay. */
export function withoutBlocks(text: string): string {
  let isInBlock = false;
  return text
    .split('\n')
    .map((line) => {
      const isFence = /^\s*```/.test(line);
      if (isFence) isInBlock = !isInBlock;
      return isFence || isInBlock ? '' : line;
    })
    .join('\n');
}

/** The texts of code spans. */
export const codeSpans = (text: string): readonly string[] =>
  Array.from(withoutBlocks(text).matchAll(/(?<!`)`([^`\n]+)`(?!`)/g), ([, span]) => span ?? '');
