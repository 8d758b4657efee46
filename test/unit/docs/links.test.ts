import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { codeSpans, documents, textOf } from './documents';
import { anchorsOf, faultOf, linksOf } from './links';

const all = documents();
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Readonly<Record<string, string>> };

/** A path of the tree in documents: a top-level folder, and more after a slash. */
const TREE_PATH = /^(?:bench|bin|cli|compile|docs|lambdas|lib|local|test)\/[\w./-]+$/;

test('the documents that people look for are there', () => {
  const paths = all.map(({ path }) => path);
  const wanted = [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'docs/threat-model.md',
    'docs/glossary.md',
  ];
  expect(paths).toEqual(expect.arrayContaining(wanted));
  expect(existsSync(join(ROOT, 'LICENSE'))).toBe(true);
});

test.each(all)('every link of $path leads somewhere, to its very heading', (document) => {
  expect(linksOf(document.text).flatMap((target) => faultOf(document, target) ?? [])).toEqual([]);
});

test.each(all)('every file that $path names is there', ({ path, text }) => {
  const named = codeSpans(text).filter((span) => TREE_PATH.test(span));
  // A file that an example change would add.
  const imagined = ['lambdas/adapters/system/no-secrets.ts'];
  // Generated files, and files of other places.
  const isElsewhere = (span: string): boolean => path === 'CHANGELOG.md' || span.startsWith('bin/keyward');
  const missing = named.filter(
    (span) => !existsSync(join(ROOT, span)) && !imagined.includes(span) && !isElsewhere(span),
  );
  expect(missing).toEqual([]);
});

test.each(all)('every npm script that $path names is one', ({ text }) => {
  const named = Array.from(text.matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*)/g), ([, name]) => name ?? '');
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('pages of decisions are all in their list', () => {
  const listed = linksOf(textOf('docs/decisions/README.md'));
  const pages = all.filter(({ path }) => /^docs\/decisions\/(?!README)/.test(path));
  expect(pages.length).toBeGreaterThan(7);
  for (const { path, text } of pages) {
    expect(listed).toContain(path.replace('docs/decisions/', ''));
    const headings = Array.from(text.matchAll(/^## (.*)$/gm), ([, heading]) => heading);
    expect([path, headings]).toEqual([path, ['Context', 'Decision', 'What else could have been done', 'What follows']]);
  }
});

test('what leads nowhere is found', () => {
  const document = {
    path: 'docs/x.md',
    text: '# One thing\n## `two`, three\n## One thing\n```sh\n# no heading\n[a](no-link.md)\n```\n`[b](code.md)`\n',
  };
  expect([...anchorsOf(document.text)]).toEqual(['one-thing', 'two-three', 'one-thing-1']);
  expect(linksOf(document.text)).toEqual([]);
  expect(linksOf('[a](b.md#c "d") ![e](f.png)\n[g]: h.md')).toEqual(['b.md#c', 'f.png', 'h.md']);
  const faults = [
    '#one-thing',
    '#four',
    'missing.md',
    '../README.md#run-it',
    '../README.md#nowhere',
    '../../x',
    '../LICENSE#x',
    'https://x.example',
  ];
  expect(faults.map((target) => faultOf(document, target))).toEqual([
    undefined,
    '#four: docs/x.md has no heading of that name',
    'missing.md: there is no docs/missing.md',
    undefined,
    '../README.md#nowhere: README.md has no heading of that name',
    '../../x leads out of the tree',
    '../LICENSE#x: LICENSE has no headings',
    undefined,
  ]);
});
