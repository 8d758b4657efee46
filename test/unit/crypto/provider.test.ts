import { DEFAULT_PROVIDERS } from '../../../lambdas/core/contract/defaults';
import { isProvider } from '../../../lambdas/core/crypto/provider';

test.each([...DEFAULT_PROVIDERS, 'a', '0', 'a-b-', 'x'.repeat(50)])('%p is a provider', (text) => {
  expect(isProvider(text)).toBe(true);
});

test.each([
  '',
  '-a',
  'A',
  'openAI',
  'a_b',
  'a.b',
  'a/b',
  'a b',
  'a\n',
  '\na',
  'a\0',
  'é',
  'ſ',
  '\u212a',
  'x'.repeat(51),
])('%p is not', (text) => {
  expect(isProvider(text)).toBe(false);
});
