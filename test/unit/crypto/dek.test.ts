import { DEK_BYTES, toDek } from '../../../lambdas/core/crypto/dek';
import { isWiped } from './recording-randomness';
import { material } from './test-keys';

test('takes the material over: the key holds it, the buffer no longer', () => {
  const bytes = material(7);
  const dek = toDek('openai', 3, bytes);
  expect(isWiped(bytes)).toBe(true);
  expect(dek.key.export()).toEqual(material(7));
  expect(dek.key.symmetricKeySize).toBe(DEK_BYTES);
});

test('carries the header of its tokens, length-prefixed, and the same with an empty context', () => {
  const dek = toDek('openai', 12, material(1));
  const header = '00000003' + '6b7731' + '00000006' + '6f70656e6169' + '00000002' + '3132';
  expect(dek.tokenHeader.toString('hex')).toBe(header);
  expect(dek.tokenAadWithoutContext.toString('hex')).toBe(`${header}00000000`);
});
