import {
  find,
  idOfCurrent,
  NO_VERSIONS,
  parseKekVersions,
  serializeKekVersions,
  withVersion,
  type KekVersionsRecord,
} from '../../../lambdas/adapters/local/kek-versions-record';

const id = (letter: string): string => letter.repeat(32);
const parsed = (record: object): KekVersionsRecord | undefined => parseKekVersions(JSON.stringify(record));
const version = { id: id('a'), value: 'text', tries: 2, after: id('b') };

test('is read as it was written', () => {
  const record = { schema: 1, versions: [version, { id: id('b') }], pending: id('a'), moved_to: id('b') } as const;
  expect(parseKekVersions(serializeKekVersions(record, id('b')))).toEqual(record);
  expect(parseKekVersions(serializeKekVersions(NO_VERSIONS, id('b')))).toEqual(NO_VERSIONS);
});

test.each<[string, object]>([
  ['another schema', { schema: 2, versions: [] }],
  ['no versions', { schema: 1 }],
  ['a version that is none', { schema: 1, versions: ['x'] }],
  ['an id that is none', { schema: 1, versions: [{ id: 'x' }] }],
  ['an id twice', { schema: 1, versions: [{ id: id('a') }, { id: id('a') }] }],
  ['a value that is no text', { schema: 1, versions: [{ id: id('a'), value: 7 }] }],
  ['tries that are no number', { schema: 1, versions: [{ id: id('a'), tries: 0 }] }],
  ['a version before that is none', { schema: 1, versions: [{ id: id('a'), after: 'x' }] }],
  ['a pending version that it lacks', { schema: 1, versions: [{ id: id('a') }], pending: id('b') }],
  ['a moved version that is no id', { schema: 1, versions: [], moved_to: 'x' }],
  ['a list', []],
])('with %s it is damaged', (_, record) => {
  expect(parsed(record)).toBeUndefined();
});

test('half of it is damaged', () => {
  expect(parseKekVersions('{"schema":1,"versions":[')).toBeUndefined();
  expect(parseKekVersions('')).toBeUndefined();
});

test('keeps the versions with a label, and of the others the newest', () => {
  let record: KekVersionsRecord = { ...NO_VERSIONS, pending: id('b') };
  for (const letter of 'abcdefgh') record = withVersion(record, { id: id(letter), value: letter });
  record = withVersion(record, { id: id('c'), value: 'c', after: id('a') });
  const kept = parseKekVersions(serializeKekVersions(record, id('c')))!;
  expect(kept.versions.map((each) => each.value)).toEqual(['a', 'b', 'c', 'g', 'h']);
  expect(find(kept, id('d'))).toBeUndefined();
});

test('the file’s version is the one with its text; of two the one that was moved to; else one that its text gives', () => {
  const versions = [
    { id: id('a'), value: 'one' },
    { id: id('b'), value: 'two' },
    { id: id('c'), value: 'two' },
  ];
  const record = { schema: 1, versions } as const;
  expect(idOfCurrent(record, 'one')).toBe(id('a'));
  expect(idOfCurrent(record, 'two')).toBe(id('b'));
  expect(idOfCurrent({ ...record, moved_to: id('c') }, 'two')).toBe(id('c'));
  expect(idOfCurrent({ ...record, moved_to: id('c') }, 'one')).toBe(id('a'));
  expect(idOfCurrent(record, 'three')).toMatch(/^[0-9a-f]{64}$/);
  expect(idOfCurrent(record, 'three')).not.toBe(idOfCurrent(record, 'four'));
});
