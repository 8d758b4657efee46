import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { CLIENTS } from '../../clients/clients';

it('names in the handbook each client that is tried, in the version that is tried, and no other', () => {
  const handbook = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const section = /^## Clients that work\n(.*?)^## /ms.exec(handbook)?.[1] ?? '';
  const cells = [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell).slice(2);
  const named = cells.flatMap((cell) => cell.replace(/ \(.*\)/, '').split(', '));
  expect(named.sort()).toEqual(CLIENTS.map(({ name, version }) => [name, version].join(' ').trim()).sort());
});
