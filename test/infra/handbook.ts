import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../compile/root';
import { ACCOUNT, HOME } from './synthesized';

/** docs/operations.md. */
export const HANDBOOK = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');

/** From a bold beginning of a paragraph to the next one, or the next heading. @throws Error where there is none */
export function passage(title: string): string {
  const begin = HANDBOOK.indexOf(`**${title}**`);
  if (begin < 0) throw new Error(`the handbook has no "${title}"`);
  const rest = HANDBOOK.slice(begin + title.length + 4);
  const end = rest.search(/\n(\*\*|## )/);
  return end < 0 ? rest : rest.slice(0, end);
}

/** Replacements of the handbook's values. */
export const filledIn = (text: string): string =>
  text.replaceAll('<stage>', 'keyward').replaceAll('<account>', ACCOUNT).replaceAll('<home>', HOME);
