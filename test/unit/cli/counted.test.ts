import { counted } from '../../../cli/io/counted';

test.each([
  [0, '0 keys'],
  [1, '1 key'],
  [2, '2 keys'],
  [1_200, '1,200 keys'],
])('%i', (count, text) => {
  expect(counted(count, 'key')).toBe(text);
});

test('of what has a plural of its own', () => {
  expect([1, 2].map((count) => counted(count, 'does', 'do'))).toEqual(['1 does', '2 do']);
});
