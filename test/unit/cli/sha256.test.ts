import { Sha256 } from '../../../cli/client/sha256';

const hex = async (hash: Sha256, data: string): Promise<string> => {
  hash.update(Buffer.from(data));
  return Buffer.from(await hash.digest()).toString('hex');
};

test('FIPS 180-4, "abc"', async () => {
  expect(await hex(new Sha256(), 'abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('RFC 4231 section 4.3, with the key in each form', async () => {
  const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  const bytes = new Uint8Array([0, ...Buffer.from('Jefe'), 0]);
  for (const key of ['Jefe', bytes.subarray(1, 5), bytes.slice(1, 5).buffer]) {
    expect(await hex(new Sha256(key), 'what do ya want for nothing?')).toBe(expected);
  }
});

test('is used once', () => {
  expect(() => {
    new Sha256().reset();
  }).toThrow('made once');
});
