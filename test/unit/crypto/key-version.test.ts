import fc from 'fast-check';
import { MAX_KEY_VERSION } from '../../../lambdas/core/contract/names';
import { parseKeyVersion } from '../../../lambdas/core/crypto/key-version';

test('every version is read from the one way it is written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: MAX_KEY_VERSION }), (version) => {
      expect(parseKeyVersion(String(version))).toBe(version);
      expect(parseKeyVersion(`0${version}`)).toBeUndefined();
    }),
  );
  expect(parseKeyVersion('2147483647')).toBe(MAX_KEY_VERSION);
});

test.each([
  '',
  '0',
  '00',
  '01',
  '-1',
  '+1',
  '1.0',
  '1e3',
  '0x1',
  ' 1',
  '1 ',
  '1\n',
  '1_000',
  'NaN',
  'Infinity',
  '2147483648',
  '9999999999',
  '10000000000',
  '18446744073709551617',
  '\u0661',
  '\uff11',
  '1\0',
])('%p is no version', (text) => {
  expect(parseKeyVersion(text)).toBeUndefined();
});
