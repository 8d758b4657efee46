import { commandBlocks, shownFiles, WAYS } from './command-blocks';
import { documents } from './documents';

const all = documents().flatMap(commandBlocks);

test('of every block of commands it is said how it is run, or why it is not', () => {
  expect(all.length).toBeGreaterThan(12);
  const silent = all.filter(({ way }) => way === undefined).map(({ path, line, text }) => `${path}:${line}: ${text}`);
  expect(silent).toEqual([]);
  for (const { path, line, way, reason } of all) {
    if (way === 'not run') expect([path, line, reason.length > 10]).toEqual([path, line, true]);
  }
});

test('an output stands behind a block that is run, and one is shown', () => {
  const shown = all.filter(({ output }) => output !== undefined);
  expect(shown.length).toBeGreaterThan(0);
  for (const { way } of shown) expect(['run', 'run: in the clone']).toContain(way);
  const marks = documents().flatMap(({ text }) => text.match(/^<!-- output -->$/gm) ?? []);
  expect(marks).toHaveLength(shown.length);
});

test('each way is that of a block, and one starts the server before all that needs it', () => {
  const ways = all.map(({ way }) => way);
  for (const way of Object.keys(WAYS)) expect(ways).toContain(way);
  expect(ways.filter((way) => way === 'run: server')).toHaveLength(1);
  expect(all.find(({ way }) => way?.startsWith('run'))?.way).toBe('run: server');
});

test('blocks and files are found as they stand', () => {
  const text =
    'a\n<!-- run -->\n```sh\none\ntwo\n```\n\n<!-- output -->\n```\n1\n```\n\n```sh\n# .env\nA=b\n```\n<!-- not run: because -->\n```bash\nthree\n```\n```js\n// app.js\nfour\n```\n';
  expect(commandBlocks({ path: 'x.md', text })).toEqual([
    { path: 'x.md', line: 2, text: 'one\ntwo\n', way: 'run', reason: '', output: '1\n' },
    { path: 'x.md', line: 13, text: '# .env\nA=b\n', way: undefined, reason: '' },
    { path: 'x.md', line: 17, text: 'three\n', way: 'not run', reason: 'because' },
  ]);
  expect([...shownFiles({ path: 'x.md', text })]).toEqual([
    ['.env', 'A=b\n'],
    ['app.js', 'four\n'],
  ]);
});
