import { parseCredentials } from '../../../local/identity/credentials-file';

const ID = 'AKIAEXAMPLEEXAMPLE22';
const SECRET = 'not/a+real/secret=';

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
