import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { readSecret, isKeyWithLineEnd, type WantedSecret } from '../../../cli/io/read-secret';
import type { TerminalParts } from '../../../cli/io/raw-terminal';
import { PROCESS_WAITING } from '../../../cli/io/waiting';
import { Sink, StagedSignals } from '../../doubles/cli-stage';
import { until } from '../../until';

const env = { TERM: 'xterm' };
const TOKEN: WantedSecret = { what: 'token', expected: 'line', trim: false };
const TEXT: WantedSecret = { what: 'text', expected: 'text', trim: false };
const DOCUMENT: WantedSecret = { what: 'document', expected: 'document', trim: false };
const KEY: WantedSecret = { what: 'API key', expected: 'key-or-document', trim: false };
const PEM = '-----BEGIN X-----\nQUJD\n-----END X-----\n';

const fromPipe = (wanted: WantedSecret, ...chunks: (string | Buffer)[]): Promise<string> =>
  readSecret(
    {
      stdin: Readable.from(chunks.map((chunk) => Buffer.from(chunk as string))),
      stderr: new Sink(),
      env,
      waiting: PROCESS_WAITING,
      signals: new StagedSignals(),
    },
    wanted,
  );

describe('a pipe', () => {
  test.each<[string, WantedSecret, (string | Buffer)[], string]>([
    ['as it is', TOKEN, ['ab', 'c'], 'abc'],
    ['a token less one newline', TOKEN, ['abc\n'], 'abc'],
    ['a key less one newline', KEY, ['abc\n'], 'abc'],
    ['a key less one newline of Windows', KEY, ['abc\r\n'], 'abc'],
    ['but no more than one', KEY, ['abc\n\n'], 'abc\n'],
    ['a text with its newline', TEXT, ['abc\n'], 'abc\n'],
    ['a text with its newlines of Windows', TEXT, ['a\r\n\r\n'], 'a\r\n\r\n'],
    ['a text of one newline', TEXT, ['\n'], '\n'],
    ['a document with its newline', DOCUMENT, ['abc\n'], 'abc\n'],
    ['PEM with its newline', KEY, [PEM], PEM],
    ['PEM with CR LF', KEY, [PEM.replaceAll('\n', '\r\n')], PEM.replaceAll('\n', '\r\n')],
    ['JSON with its newline', KEY, ['{"a":1}\n'], '{"a":1}\n'],
    ['a text less one newline, where that is asked for', { ...TEXT, trim: true }, ['abc\n\n'], 'abc\n'],
    ['a document less one newline, where that is asked for', { ...KEY, trim: true }, [PEM], PEM.trimEnd()],
    ['with the spaces and newlines in it', TEXT, [' a\nb '], ' a\nb '],
    ['with a byte order mark', TEXT, ['\ufeffa'], '\ufeffa'],
    ['with a character across two chunks', TEXT, [Buffer.from([0xe2, 0x82]), Buffer.from([0xac])], '€'],
  ])('%s', async (_, wanted, chunks, secret) => {
    expect(await fromPipe(wanted, ...chunks)).toBe(secret);
  });

  test.each<[string, WantedSecret, (string | Buffer)[], string]>([
    ['nothing', TEXT, [], 'stdin is empty'],
    ['a newline alone, of a key', KEY, ['\n'], 'stdin is empty'],
    ['a newline alone that is taken off', { ...TEXT, trim: true }, ['\n'], 'stdin is empty'],
    ['what is not UTF-8', TEXT, [Buffer.from([0x61, 0xff])], 'not UTF-8'],
    ['too much', TEXT, ['x'.repeat(200_000), 'x'.repeat(200_000)], 'more than 327680 bytes'],
  ])('refuses %s', async (_, wanted, chunks, message) => {
    await expect(fromPipe(wanted, ...chunks)).rejects.toThrow(message);
  });

  test('a key with a line end is told from other texts', () => {
    expect(['sk-a\n', 'sk-a\r\n', 'sk-a', 'a b\n', PEM].map(isKeyWithLineEnd)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('a terminal', () => {
  const QUICK = {
    ...PROCESS_WAITING,
    pause: (ms: number, signal: AbortSignal) => PROCESS_WAITING.pause(ms / 20, signal),
  };
  const PROMPT = 'API key (not shown; Enter ends it, a PEM or JSON text ends by itself): ';
  const [ON, OFF] = ['\u001b[?2004h', '\u001b[?2004l'];

  class Keyboard {
    readonly raw: boolean[] = [];
    readonly typed = new PassThrough();
    readonly screen = new Sink(true);
    readonly signals = new StagedSignals();
    readonly stop = new AbortController();
    readonly parts: TerminalParts = {
      stdin: Object.assign(this.typed, {
        isTTY: true,
        setRawMode: (deps: boolean) => {
          if (this.isGone) throw new Error('EIO');
          return this.raw.push(deps);
        },
      }),
      stderr: this.screen,
      env,
      waiting: QUICK,
      signals: this.signals,
      signal: this.stop.signal,
    };
    isGone = false;

    async asked(): Promise<void> {
      await until('it asks', () => this.screen.text.endsWith(': '));
    }

    async type(...chunks: (string | Buffer)[]): Promise<void> {
      await this.asked();
      for (const chunk of chunks) this.typed.write(chunk);
    }
  }

  /** Pauses that a test ends. */
  const withPauses = (keyboard: Keyboard) => {
    const pauses: { readonly ms: number; readonly end: () => void }[] = [];
    const pause = (ms: number): Promise<void> => new Promise((end) => pauses.push({ ms, end }));
    return { pauses, parts: { ...keyboard.parts, waiting: { ...PROCESS_WAITING, pause } } };
  };

  const readFrom = async (keyboard: Keyboard, wanted = KEY, ...chunks: (string | Buffer)[]): Promise<string> => {
    const secret = readSecret(keyboard.parts, wanted);
    await keyboard.type(...chunks);
    return secret;
  };

  test('asks, shows nothing of what is typed, says how much it was, and gives the terminal back', async () => {
    const keyboard = new Keyboard();
    expect(await readFrom(keyboard, KEY, 'sk-x', '\u007f', 'example', '\r')).toBe('sk-example');
    expect(keyboard.screen.text).toBe(`${ON}${PROMPT}${OFF}read 10 characters\n`);
    expect(keyboard.raw).toEqual([true, false]);
    expect(keyboard.signals.heard).toEqual([]);
    expect(keyboard.typed.isPaused()).toBe(true);
  });

  test('asks again on the same terminal, as after a question that was answered', async () => {
    const keyboard = new Keyboard();
    expect(await readFrom(keyboard, KEY, 'sk-one\r')).toBe('sk-one');
    const second = readSecret(keyboard.parts, KEY);
    await until('it asks', () => keyboard.screen.text.endsWith(': '));
    expect(keyboard.typed.isPaused()).toBe(false);
    keyboard.typed.write('sk-two\r');
    expect(await second).toBe('sk-two');
  });

  test.each([
    ['ended', (typed: PassThrough) => typed.resume().end()],
    ['was destroyed', (typed: PassThrough) => typed.destroy()],
  ])('is not waited for where it %s before the question', async (_, close) => {
    const keyboard = new Keyboard();
    const over = once(keyboard.typed, 'close');
    close(keyboard.typed);
    await over;
    await expect(readSecret(keyboard.parts, KEY)).rejects.toThrow('the terminal was closed; nothing was sent');
  });

  test('takes a paste whole, says of how many lines it is, and drops what follows it', async () => {
    const keyboard = new Keyboard();
    expect(await readFrom(keyboard, KEY, PEM.replaceAll('\n', '\r'), 'ls -la\r')).toBe(PEM);
    expect(keyboard.screen.text).toBe(
      `${ON}${PROMPT}${OFF}read 3 lines, 39 characters\nkeyward: dropped: 7 characters after its end\n`,
    );
  });

  test('reads on while something comes, and no longer', async () => {
    const keyboard = new Keyboard();
    const { pauses, parts } = withPauses(keyboard);
    const secret = readSecret(parts, KEY);
    await keyboard.type('sk-abc\r');
    for (let piece = 1; piece <= 8; piece += 1) {
      await until('it waits', () => pauses.length === piece);
      expect(keyboard.raw).toEqual([true]);
      keyboard.typed.write('x');
    }
    await until('it waits', () => pauses.length === 9);
    expect(new Set(pauses.map(({ ms }) => ms))).toEqual(new Set([200]));
    pauses[8]?.end();
    expect(await secret).toBe('sk-abc');
    expect(keyboard.screen.text).toContain('8 characters after its end\n');
  });

  test('after a stand-still of its own it looks once more before it calls that quiet', async () => {
    const keyboard = new Keyboard();
    const { pauses, parts } = withPauses(keyboard);
    const secret = readSecret(parts, KEY);
    await keyboard.type(PEM.replaceAll('\n', '\r'));
    await until('it waits', () => pauses.length === 1);
    // The time is over, and earlier input arrives only now.
    pauses[0]?.end();
    keyboard.typed.write(PEM.replaceAll('\n', '\r'));
    await until('it waits', () => pauses.length === 2);
    pauses[1]?.end();
    expect(await secret).toBe(PEM + PEM);
  });

  test('what was typed before the question counts, but for empty lines', async () => {
    const keyboard = new Keyboard();
    keyboard.typed.write('\n\n');
    expect(await readFrom(keyboard, KEY, 'sk-abc\r')).toBe('sk-abc');
    const early = new Keyboard();
    early.typed.write(PEM);
    expect(await readSecret(early.parts, KEY)).toBe(PEM);
  });

  test('more than a terminal keeps before the question is refused', async () => {
    const keyboard = new Keyboard();
    keyboard.typed.write('x'.repeat(4_095));
    const secret = readSecret(keyboard.parts, KEY);
    await expect(secret).rejects.toMatchObject({ exitCode: 2, detail: expect.stringContaining('before the question') });
    const many = new Keyboard();
    many.typed.write(PEM.replace('QUJD', 'QUJDREVG\n'.repeat(40)));
    expect(await readSecret(many.parts, KEY)).toContain('END X');
  });

  test.each<[Partial<WantedSecret>, string]>([
    [{ expected: 'line' }, '(not shown): '],
    [{ expected: 'document' }, 'Ctrl-D): '],
    [{ expected: 'text' }, 'Enter ends one line, Ctrl-D several; '],
  ])('%j says how it ends', async (wanted, part) => {
    const keyboard = new Keyboard();
    await readFrom(keyboard, { ...KEY, ...wanted }, 'abc\u0004');
    expect(keyboard.screen.text).toContain(part);
  });

  test.each([
    ['Ctrl-C', 'abc\u0003', 130, 'nothing was sent'],
    ['Ctrl-\\', 'abc\u001c', 130, 'nothing was sent'],
    ['nothing', '\r', 2, 'nothing was typed; nothing was sent'],
    ['Ctrl-D alone', '\u0004', 2, 'nothing was typed; nothing was sent'],
    ['a control character', 'a\u0007bc\r', 2, 'a control character was typed or pasted; nothing was sent'],
    ['what is not UTF-8', Buffer.from([0x61, 0xff, 0x0d]), 2, 'the input is not UTF-8; nothing was sent'],
    ['too much', 'x'.repeat(65_537), 2, 'it is longer than 65536 characters; nothing was sent'],
  ])('%s ends it, with the terminal given back', async (_, typed, exitCode, detail) => {
    const keyboard = new Keyboard();
    await expect(readFrom(keyboard, KEY, typed)).rejects.toMatchObject({ exitCode, detail });
    expect(keyboard.raw).toEqual([true, false]);
    expect(keyboard.screen.text).toBe(`${ON}${PROMPT}${OFF}\n`);
  });

  test('a terminal that closes has ended nothing', async () => {
    const keyboard = new Keyboard();
    const secret = readSecret(keyboard.parts, KEY);
    await keyboard.type('abc');
    keyboard.typed.end();
    await expect(secret).rejects.toMatchObject({ exitCode: 2, detail: 'the terminal was closed; nothing was sent' });
    const ended = new Keyboard();
    const whole = readSecret(ended.parts, KEY);
    await ended.type('abc\r');
    ended.typed.end();
    expect(await whole).toBe('abc');
  });

  test('nor has one that fails, or is gone', async () => {
    const keyboard = new Keyboard();
    const secret = readSecret(keyboard.parts, KEY);
    await keyboard.type('abc');
    keyboard.typed.destroy(new Error('EIO'));
    await expect(secret).rejects.toMatchObject({ exitCode: 2 });
    const gone = new Keyboard();
    gone.isGone = true;
    await expect(readSecret(gone.parts, KEY)).rejects.toMatchObject({ exitCode: 2 });
  });

  test('a Ctrl-C of whoever started it', async () => {
    const keyboard = new Keyboard();
    const secret = readSecret(keyboard.parts, KEY);
    await keyboard.type('abc');
    keyboard.stop.abort();
    await expect(secret).rejects.toMatchObject({ exitCode: 130 });
    await expect(readSecret(keyboard.parts, KEY)).rejects.toMatchObject({ exitCode: 130 });
    const killed = new Keyboard();
    const other = readSecret(killed.parts, KEY);
    await killed.type('abc');
    killed.signals.send('SIGINT');
    await expect(other).rejects.toMatchObject({ exitCode: 130 });
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    '%s gives the terminal back before it ends the process',
    async (name) => {
      const keyboard = new Keyboard();
      void readSecret(keyboard.parts, KEY);
      await keyboard.type('abc');
      keyboard.signals.send(name);
      expect(keyboard.raw).toEqual([true, false]);
      expect(keyboard.screen.text.endsWith(OFF)).toBe(true);
      expect(keyboard.signals.raised).toEqual([name]);
      expect(keyboard.signals.heard).toEqual([]);
    },
  );

  test('so does the end of the process, and that it is stopped; when it goes on it asks again', async () => {
    const keyboard = new Keyboard();
    const secret = readSecret(keyboard.parts, KEY);
    await keyboard.type('sk-');
    keyboard.signals.send('SIGTSTP');
    expect(keyboard.raw).toEqual([true, false]);
    expect(keyboard.signals.raised).toEqual(['SIGSTOP']);
    keyboard.signals.send('SIGCONT');
    expect(keyboard.raw).toEqual([true, false, true]);
    expect(keyboard.screen.text).toBe(`${ON}${PROMPT}${OFF}${ON}\n${PROMPT}`);
    await keyboard.type('abc\r');
    expect(await secret).toBe('sk-abc');
    const other = new Keyboard();
    void readSecret(other.parts, KEY);
    await other.type('abc');
    other.signals.send('exit');
    expect(other.raw).toEqual([true, false]);
  });

  test.each([
    ['a terminal that knows no marks', new Sink(true), { TERM: 'dumb' }],
    ['a file', new Sink(), env],
  ])('%s gets none', async (_, stderr, environment) => {
    const keyboard = new Keyboard();
    const secret = readSecret({ ...keyboard.parts, stderr, env: environment }, KEY);
    keyboard.typed.write('sk-abc\r');
    expect(await secret).toBe('sk-abc');
    expect(stderr.text).not.toContain('\u001b');
  });
});
