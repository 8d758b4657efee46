import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCredentialsFile, parseCredentials } from '../../../local/credentials-file';
import { testRandomness } from '../../doubles/memory-ports';
import { temporaryDirectory } from './temporary-directory';

const parent = temporaryDirectory();
const newHome = (): string => mkdtempSync(join(parent, 'home-'));
const open = (home: string) => openCredentialsFile(home, 'us-east-1', testRandomness);
const ID = 'AKIAEXAMPLEEXAMPLE22';
const SECRET = 'not/a+real/secret=';

describe('a first start', () => {
  test('makes two pairs of keys in the form of AWS, and files of curl options', async () => {
    const home = newHome();
    const keys = await open(home);
    expect([...keys.keys()]).toEqual(['default', 'openai-only']);
    for (const [profile, file] of [
      ['default', 'curl-admin.conf'],
      ['openai-only', 'curl-openai-only.conf'],
    ] as const) {
      const { accessKeyId, secretAccessKey } = keys.get(profile)!;
      expect(accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
      expect(Buffer.from(secretAccessKey, 'base64')).toHaveLength(30);
      expect(secretAccessKey).toHaveLength(40);
      expect(readFileSync(join(home, file), 'utf8')).toBe(
        `user = "${accessKeyId}:${secretAccessKey}"\naws-sigv4 = "aws:amz:us-east-1:execute-api"\nsilent\nshow-error\n`,
      );
      expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(join(home, 'credentials')).mode & 0o777).toBe(0o600);
    expect(keys.get('default')).not.toEqual(keys.get('openai-only'));
  });

  test('is the only one that does', async () => {
    const home = newHome();
    const keys = await open(home);
    const text = readFileSync(join(home, 'credentials'), 'utf8');
    rmSync(join(home, 'curl-admin.conf'));
    writeFileSync(join(home, 'curl-openai-only.conf'), 'user = "old:old"\n');
    expect(await open(home)).toEqual(keys);
    expect(readFileSync(join(home, 'credentials'), 'utf8')).toBe(text);
    expect(readFileSync(join(home, 'curl-admin.conf'), 'utf8')).toContain(keys.get('default')!.secretAccessKey);
    const options = readFileSync(join(home, 'curl-openai-only.conf'), 'utf8');
    expect(options).toContain(keys.get('openai-only')!.secretAccessKey);
  });

  test('at the same time as another ends with the same keys', async () => {
    const home = newHome();
    const opened = await Promise.all(Array.from({ length: 8 }, () => open(home)));
    expect(new Set(opened.map((keys) => keys.get('default')?.secretAccessKey)).size).toBe(1);
  });
});

test('a file that others can read is refused', async () => {
  const home = newHome();
  await open(home);
  chmodSync(join(home, 'credentials'), 0o640);
  await expect(open(home)).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: expect.stringMatching(/credentials can be used by others/) as string,
  });
});

test('reads what AWS’s own tools read', () => {
  const text = [
    '# comment',
    '; comment',
    '',
    '  [default]  ',
    `aws_access_key_id=${ID}`,
    `  aws_secret_access_key   =   ${SECRET}  # comment`,
    'region = us-east-1',
    '[ other ] ; comment',
    'AWS_ACCESS_KEY_ID = AKIAEXAMPLEEXAMPLE33',
    `aws_secret_access_key = other#${SECRET}`,
    '[empty]',
    'output = json',
  ].join('\r\n');
  expect(parseCredentials(text, 'credentials')).toEqual(
    new Map([
      ['default', { accessKeyId: ID, secretAccessKey: SECRET }],
      ['other', { accessKeyId: 'AKIAEXAMPLEEXAMPLE33', secretAccessKey: `other#${SECRET}` }],
    ]),
  );
});

test('a key of a user’s own choice is escaped for curl', async () => {
  const home = newHome();
  const text = `[default]\naws_access_key_id = ${ID}\naws_secret_access_key = a"b\\c\n`;
  writeFileSync(join(home, 'credentials'), text, { mode: 0o600 });
  await open(home);
  expect(readFileSync(join(home, 'curl-admin.conf'), 'utf8')).toContain(`user = "${ID}:a\\"b\\\\c"\n`);
});

test.each([
  ['a setting before any profile', `aws_access_key_id = ${ID}`, 'line 1 is neither'],
  ['a line that is none', `[default]\naws_access_key_id = ${ID}\n${SECRET.slice(0, -1)}`, 'line 3 is neither'],
  ['a setting without a name', `[default]\n= ${SECRET}`, 'line 2 is neither'],
  ['a section without end', `[default\naws_access_key_id = ${ID}`, 'line 1 is neither'],
  ['half a pair', `\n[default]\naws_access_key_id = ${ID}`, 'line 2 has no usable pair'],
  ['a short id', `[default]\naws_access_key_id = AKIA\naws_secret_access_key = ${SECRET}`, 'line 1 has no usable pair'],
  ['an empty secret', `[default]\naws_access_key_id = ${ID}\naws_secret_access_key =`, 'line 1 has no usable pair'],
  [
    'two secrets for one id',
    ['a', 'b'].map((each) => `[${each}]\naws_access_key_id = ${ID}\naws_secret_access_key = ${each}`).join('\n'),
    'line 4 gives an access key id a second secret',
  ],
  ['nothing', '', 'holds no profile'],
])('%s is one sentence that shows nothing of the file', (_, text, sentence) => {
  let message = '';
  try {
    parseCredentials(text, 'credentials');
  } catch (error) {
    message = (error as Error).message;
    expect(error).toMatchObject({ code: 'configuration_invalid' });
  }
  expect(message).toContain(sentence);
  expect(message).toMatch(/^credentials is damaged: /);
  expect(message).not.toContain(ID);
  expect(message).not.toContain(SECRET.slice(0, 5));
});
