import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { MISTAKES } from '../../long/mistakes';

const mistakes = Object.values(MISTAKES).flat();

it('has ten of each kind, each under a name of its own', () => {
  for (const [kind, each] of Object.entries(MISTAKES)) expect([kind, each.length >= 10]).toEqual([kind, true]);
  expect(new Set(mistakes.map(({ name }) => name)).size).toBe(mistakes.length);
});

it('can plant each where the product has its text once, and has tests for it', () => {
  const lost = mistakes.filter(({ file, right, wrong, tests }) => {
    const path = join(ROOT, file);
    const count = existsSync(path) ? readFileSync(path, 'utf8').split(right).length - 1 : 0;
    return count !== 1 || right === wrong || !tests.every((test) => existsSync(join(ROOT, test)));
  });
  expect(lost.map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
});
