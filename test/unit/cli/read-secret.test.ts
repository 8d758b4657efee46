import { PassThrough, Readable, Writable } from 'node:stream';
import { readSecret, type SecretInput } from '../../../cli/io/read-secret';

const nowhere = new Writable({
  write: (_chunk, _encoding, done) => {
    done();
  },
});
const fromPipe = (...chunks: (string | Buffer)[]): Promise<string> =>
  readSecret(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), nowhere, 'token');

describe('a pipe', () => {
  test.each([
    ['as it is', ['ab', 'c'], 'abc'],
    ['less one newline', ['abc\n'], 'abc'],
    ['less one newline of Windows', ['abc\r\n'], 'abc'],
    ['but no more than one', ['abc\n\n'], 'abc\n'],
    ['with the spaces and newlines in it', [' a\nb '], ' a\nb '],
    ['with a character across two chunks', [Buffer.from([0xe2, 0x82]), Buffer.from([0xac])], '€'],
  ])('%s', async (_, chunks, secret) => {
    expect(await fromPipe(...chunks)).toBe(secret);
  });

  test.each([
    ['nothing', [], 'stdin is empty'],
    ['a newline alone', ['\n'], 'stdin is empty'],
    ['what is not UTF-8', [Buffer.from([0x61, 0xff])], 'not UTF-8'],
    ['too much', ['x'.repeat(200_000), 'x'.repeat(127_681)], 'more than 327680 bytes'],
  ])('refuses %s', async (_, chunks, message) => {
    await expect(fromPipe(...chunks)).rejects.toThrow(message);
  });
});

describe('a terminal', () => {
  const type = async (
    ...chunks: string[]
  ): Promise<{ secret: Promise<string>; shown: () => string; raw: boolean[] }> => {
    const raw: boolean[] = [];
    const typed = new PassThrough();
    const keyboard: SecretInput = Object.assign(typed, {
      isTTY: true,
      setRawMode: (on: boolean) => raw.push(on),
    });
    const shown: string[] = [];
    const screen = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        shown.push(chunk.toString());
        done();
      },
    });
    const secret = readSecret(keyboard, screen, 'API key');
    for (const chunk of chunks) typed.write(chunk);
    if (!chunks.join('').match(/[\r\u0003\u0004]/)) typed.end();
    await secret.catch(() => undefined);
    return { secret, shown: () => shown.join(''), raw };
  };

  test('asks, shows nothing of what is typed, and gives the terminal back', async () => {
    const { secret, shown, raw } = await type('sk-x', '\u007f', 'example', '\r');
    expect(await secret).toBe('sk-example');
    expect(shown()).toBe('API key (not shown): \n');
    expect(raw).toEqual([true, false]);
  });

  test('ends at the end of input', async () => {
    expect(await (await type('abc\u0004')).secret).toBe('abc');
    expect(await (await type('abc')).secret).toBe('abc');
  });

  test('Ctrl-C ends it, with the terminal given back', async () => {
    const { secret, raw } = await type('abc\u0003');
    await expect(secret).rejects.toThrow('interrupted');
    expect(raw).toEqual([true, false]);
  });
});
