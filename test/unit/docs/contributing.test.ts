import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { HOWTOS } from '../../howto/all-howtos';
import { isProduct } from '../../howto/is-product';

const rows = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '));
const rowOf = (name: string): string => rows.find((row) => row.startsWith(`| ${name} |`)) ?? `no row for ${name}`;

test('there are twelve changes that people make', () => {
  expect(HOWTOS).toHaveLength(12);
});

test.each(HOWTOS)(
  'CONTRIBUTING says how to make $name, and every place of the product that it edits',
  ({ name, edits }) => {
    const places = edits.flatMap((edit) => {
      if ('place' in edit) return edit.place.includes('#') ? [] : [edit.place];
      return isProduct(edit.file) ? [edit.file] : [];
    });
    expect(places.length).toBeGreaterThan(0);
    const row = rowOf(name);
    for (const place of places) expect(row).toContain(`\`${place}\``);
  },
);
