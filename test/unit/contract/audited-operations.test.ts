import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { AUDITED_OPERATIONS, AUDITED_PARTS } from '../../../lambdas/core/contract/audited-operations';

const sourcesUnder = (directory: string): string =>
  readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('audited-operations.ts'))
    .map((name) => readFileSync(join(ROOT, directory, name), 'utf8'))
    .join('\n');

const SOURCES = ['lambdas/core', 'local'].map(sourcesUnder).join('\n');
const foundBy = (pattern: RegExp): string[] => [...SOURCES.matchAll(pattern)].map(([, name = '']) => name);

test('every operation that an event is written with is one of them, and the other way about', () => {
  const written = [
    ...foundBy(/\bmetadata(?:: | = )\{[^}]*?\boperation: '([a-z_]+)'/g),
    ...foundBy(/\boperation: '([a-z]+_[a-z_]+)'/g),
    ...foundBy(/\boperation: \w+ \? '([a-z_]+)'/g),
    ...foundBy(/\boperation: \w+ \? '[a-z_]+' : '([a-z_]+)'/g),
    ...foundBy(/\bnote\('([a-z_]+)'/g),
    ...foundBy(/return \['([a-z]+_version)', /g),
  ];
  expect([...new Set(written)].sort()).toEqual([...AUDITED_OPERATIONS].sort());
});

test('and every part of Keyward', () => {
  const parts = foundBy(/'keyward:([a-z-]+)'[,);]/g);
  expect([...new Set(parts)].sort()).toEqual([...AUDITED_PARTS].sort());
});
