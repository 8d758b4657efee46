import { textOf } from './documents';

/** A row of a table of docs/glossary.md. */
export interface Term {
  readonly term: string;
  readonly meaning: string;
  /** Banned words for it. */
  readonly not: readonly string[];
}

const GLOSSARY = 'docs/glossary.md';

export const terms = (text = textOf(GLOSSARY)): readonly Term[] =>
  Array.from(text.matchAll(/^\| (.+?) \| (.+?) \| (.*?) ?\| (.*?) ?\|$/gm))
    .map(([, term = '', meaning = '', , not = '']) => ({
      term,
      meaning,
      not: not.split(', ').filter((word) => word !== ''),
    }))
    .filter(({ term }) => !/^(term|---)$/.test(term));

/** Whether a text has a word, as whole words, in any case, in one line or broken over two, with blanks, hyphens or underscores between its parts. */
export const hasWord = (text: string, word: string): boolean =>
  new RegExp(`(?<![\\w-])${word.split(' ').join('[\\s_-]+(?:[*/|]+\\s+)?')}s?(?![\\w-])`, 'i').test(text);

/** Files in which words count: code, deployment, and documents. Old changelog entries keep their words. */
export const isWorded = (path: string): boolean =>
  path !== GLOSSARY &&
  /^((bin|cli|compile|docs|lambdas|lib|local)\/.*\.(ts|cjs|md)|[A-Z]+\.md)$/.test(path) &&
  path !== 'CHANGELOG.md';
