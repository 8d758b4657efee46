import { formatCheckpoint, parseCheckpoint } from '../../../lambdas/core/transparency/checkpoint';
import { flipped } from './flipped';

const ROOT = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
/** The example of tlog-checkpoint. */
const EXAMPLE = `example.com/behind-the-sofa\n20852163\n${ROOT}\n`;

test('reads the example of tlog-checkpoint and writes it again', () => {
  const { value } = parseCheckpoint(EXAMPLE);
  expect(value).toEqual({
    origin: 'example.com/behind-the-sofa',
    size: 20_852_163,
    root: Buffer.from(ROOT, 'base64'),
    extensions: [],
  });
  expect(value && formatCheckpoint(value)).toBe(EXAMPLE);
});

test.each([
  ['extension lines', `${EXAMPLE}one\ntwo words\n`],
  ['the empty tree', `a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`],
  ['the largest size', `a\n9007199254740991\n${ROOT}\n`],
])('accepts %s', (_, text) => {
  const { value } = parseCheckpoint(text);
  expect(value && formatCheckpoint(value)).toBe(text);
});

test('whatever is accepted after a changed bit says something else', () => {
  const original = parseCheckpoint(EXAMPLE).value;
  for (const bytes of flipped(Buffer.from(EXAMPLE)))
    expect(parseCheckpoint(bytes.toString('utf8')).value).not.toEqual(original);
});

test.each([
  ['nothing', '', 'checkpoint_form'],
  ['two lines', 'a\n1\n', 'checkpoint_form'],
  ['no last newline', EXAMPLE.slice(0, -1), 'checkpoint_form'],
  ['no origin', `\n1\n${ROOT}\n`, 'checkpoint_origin'],
  ['a leading zero', `a\n01\n${ROOT}\n`, 'checkpoint_size'],
  ['a sign', `a\n+1\n${ROOT}\n`, 'checkpoint_size'],
  ['minus one', `a\n-1\n${ROOT}\n`, 'checkpoint_size'],
  ['a fraction', `a\n1.0\n${ROOT}\n`, 'checkpoint_size'],
  ['an exponent', `a\n1e3\n${ROOT}\n`, 'checkpoint_size'],
  ['a blank', `a\n1 \n${ROOT}\n`, 'checkpoint_size'],
  ['digits of another script', `a\n١\n${ROOT}\n`, 'checkpoint_size'],
  ['no size', `a\n\n${ROOT}\n`, 'checkpoint_size'],
  ['a size above 2^53 - 1', `a\n9007199254740992\n${ROOT}\n`, 'checkpoint_size'],
  ['a size of 20 digits', `a\n18446744073709551615\n${ROOT}\n`, 'checkpoint_size'],
  ['a root of 31 bytes', `a\n1\n${Buffer.alloc(31).toString('base64')}\n`, 'checkpoint_root'],
  ['a root of 33 bytes', `a\n1\n${Buffer.alloc(33).toString('base64')}\n`, 'checkpoint_root'],
  ['a root with trailing bits', `a\n1\n${ROOT.replace('I=', 'J=')}\n`, 'checkpoint_root'],
  ['another root of the empty tree', `a\n0\n${ROOT}\n`, 'checkpoint_root'],
  ['an empty extension line', `${EXAMPLE}\n`, 'checkpoint_extension'],
  ['an empty extension line between', `${EXAMPLE}a\n\nb\n`, 'checkpoint_extension'],
])('refuses %s', (_, text, fault) => {
  expect(parseCheckpoint(text)).toEqual({ fault });
});
