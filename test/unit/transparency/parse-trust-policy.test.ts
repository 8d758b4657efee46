import { parseTrustPolicy } from '../../../lambdas/core/transparency/parse-trust-policy';
import { quorumTime } from '../../../lambdas/core/transparency/trust-policy';
import { formatVerifierKey, type VerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { testSigner } from '../../doubles/transparency/test-signer';

const log = testSigner('example.org/log').key;
const names = ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'] as const;
const witnesses = new Map(names.map((name) => [name, testSigner(`${name}.example`, 'cosignature').key]));
const vkey = (key: VerifierKey | undefined): string => formatVerifierKey(key!);

/** The example of tlog-policy. */
const EXAMPLE = `log ${vkey(log)}

${names
  .slice(0, 3)
  .map((name) => `witness ${name} ${vkey(witnesses.get(name))}\n`)
  .join('')}group X-witnesses 2 X1 X2 X3

${names
  .slice(3)
  .map((name) => `witness ${name} ${vkey(witnesses.get(name))}\n`)
  .join('')}group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

const parse = (text: string) => parseTrustPolicy(Buffer.from(text, 'utf8'));
const trusted = (key: VerifierKey | undefined) => ({ key, above: -1, upTo: Infinity });

test('reads the example of tlog-policy', () => {
  const { value } = parse(EXAMPLE);
  expect(value).toEqual({
    logs: [trusted(log)],
    witnesses: new Map(names.map((name) => [name, { name, keys: [trusted(witnesses.get(name))] }])),
    groups: new Map([
      ['X-witnesses', { name: 'X-witnesses', threshold: 2, members: ['X1', 'X2', 'X3'] }],
      ['Y-witnesses', { name: 'Y-witnesses', threshold: 1, members: ['Y1', 'Y2', 'Y3'] }],
      ['X-and-Y', { name: 'X-and-Y', threshold: 2, members: ['X-witnesses', 'Y-witnesses'] }],
    ]),
    quorum: 'X-and-Y',
  });
});

test.each([
  ['', undefined],
  ['X1 X2', undefined],
  ['X1 Y1', undefined],
  ['Y1 Y2 Y3', undefined],
  ['X1 X2 Y1', 1],
  ['X2 X3 Y3', 2],
  ['X1 X2 X3 Y3', 2],
  ['X1 X2 X3 Y1 Y2 Y3', 2],
])('the quorum of %j is there since %s', (signed, time) => {
  const { value } = parse(EXAMPLE);
  const times = new Map(signed.split(' ').map((name) => [name, Number(name.slice(1))]));
  expect(quorumTime(value!, (name) => times.get(name))).toBe(time);
});

test('a quorum can be one witness, or none', () => {
  const one = parse(`witness X1 ${vkey(witnesses.get('X1'))}\nquorum X1\n`).value!;
  expect(quorumTime(one, (name) => (name === 'X1' ? 7 : undefined))).toBe(7);
  expect(quorumTime(one, () => undefined)).toBeUndefined();
  expect(quorumTime(parse('quorum none\n').value!, () => undefined)).toBe(Infinity);
});

test('blanks, tabs, comments, empty lines and addresses are allowed, and names in UTF-8', () => {
  const { value } = parse(
    `# comment\n\t # another\n \n\tlog\t ${vkey(log)}  https://log.example/ \nwitness ŵ ${vkey(witnesses.get('X1'))} https://w.example/\n quorum  ŵ \n`,
  );
  expect([value?.logs, value?.quorum]).toEqual([[trusted(log)], 'ŵ']);
});

const X1 = `witness X1 ${vkey(witnesses.get('X1'))}\n`;
const X2 = `witness X2 ${vkey(witnesses.get('X2'))}\n`;

test.each<[string, string, string, number]>([
  ['nothing', '', 'policy_form', 0],
  ['no quorum', X1, 'policy_quorum', 0],
  ['a last line without a newline', 'quorum none', 'policy_form', 0],
  ['a carriage return', 'quorum none\r\n', 'policy_form', 0],
  ['a delete character', '# \u007f\nquorum none\n', 'policy_form', 0],
  ['a NUL', '# \u0000\nquorum none\n', 'policy_form', 0],
  ['two quorums', `${X1}quorum X1\nquorum none\n`, 'policy_quorum', 3],
  ['a quorum of an unknown name', 'quorum X1\n', 'policy_quorum', 1],
  ['a quorum before its witness', `quorum X1\n${X1}`, 'policy_quorum', 1],
  ['a quorum of two names', `${X1}${X2}quorum X1 X2\n`, 'policy_form', 3],
  ['a quorum without a name', 'quorum\n', 'policy_form', 1],
  ['an unknown keyword', 'require none\n', 'policy_keyword', 1],
  ['a keyword in capitals', 'Quorum none\n', 'policy_keyword', 1],
  ['a name twice', `${X1}${X2.replace('X2', 'X1')}`, 'policy_name', 2],
  ['a group with a witness’s name', `${X1}group X1 any X1\n`, 'policy_name', 2],
  ['a witness that is called none', X1.replace('X1', 'none'), 'policy_name', 1],
  ['a group that is called none', `${X1}group none any X1\n`, 'policy_name', 2],
  ['a member that is called none', `${X1}group g any none\n`, 'policy_member', 2],
  ['a member that is defined later', `group g any X1\n${X1}`, 'policy_member', 1],
  ['a group in itself', `${X1}group g any X1 g\n`, 'policy_member', 2],
  ['a member twice', `${X1}group g 2 X1 X1\n`, 'policy_member', 2],
  ['a member of two groups', `${X1}group g any X1\ngroup h any X1\n`, 'policy_member', 3],
  ['a threshold of 0', `${X1}group g 0 X1\n`, 'policy_threshold', 2],
  ['a threshold above the members', `${X1}group g 2 X1\n`, 'policy_threshold', 2],
  ['a threshold with a leading zero', `${X1}group g 01 X1\n`, 'policy_threshold', 2],
  ['a threshold in words', `${X1}group g one X1\n`, 'policy_threshold', 2],
  ['a group of nobody', 'group g all\n', 'policy_threshold', 1],
  ['a group of any of nobody', 'group g any\n', 'policy_threshold', 1],
  ['a group without a rule', 'group g\n', 'policy_form', 1],
  ['a group without a name', 'group\n', 'policy_form', 1],
  ['a log without a key', 'log\n', 'policy_form', 1],
  ['a log with two addresses', `log ${vkey(log)} a b\n`, 'policy_form', 1],
  ['a witness without a key', 'witness X1\n', 'policy_form', 1],
  ['a witness without a name', 'witness\n', 'policy_form', 1],
  ['a witness with two addresses', X1.replace('\n', ' a b\n'), 'policy_form', 1],
  ['a log with a key that is none', 'log a+b+c\n', 'vkey_form', 1],
  ['a log with a cosigner’s key', `log ${vkey(witnesses.get('X1'))}\n`, 'vkey_type', 1],
  ['a witness with a log’s key', `witness X1 ${vkey(log)}\n`, 'vkey_type', 1],
  ['a log twice', `log ${vkey(log)}\nlog ${vkey(log)}\n`, 'policy_key_twice', 2],
  ['a witness twice under two names', `${X1}${X1.replace('X1', 'Z')}`, 'policy_key_twice', 2],
  [
    'a log that is its own witness',
    `log ${vkey(log)}\nwitness w ${vkey(testSigner('w', 'cosignature', 'example.org/log').key)}\n`,
    'policy_key_twice',
    2,
  ],
])('refuses %s', (_, text, fault, line) => {
  expect(parse(text)).toEqual({ fault, line });
});

test('refuses what is not UTF-8, and more than 131,072 bytes', () => {
  expect(parseTrustPolicy(Buffer.concat([Buffer.from('# '), Buffer.of(0xff, 0x0a)]))).toEqual({
    fault: 'policy_form',
    line: 0,
  });
  const padded = (length: number) => `quorum none\n#${'x'.repeat(length - 14)}\n`;
  expect(parse(padded(131_072)).fault).toBeUndefined();
  expect(parse(padded(131_073))).toEqual({ fault: 'policy_form', line: 0 });
});

test('a policy that was cut anywhere is refused, or as long as it was', () => {
  const bytes = Buffer.from(EXAMPLE);
  for (let length = 0; length < bytes.length; length += 1) {
    expect(parseTrustPolicy(bytes.subarray(0, length)).fault).toBeDefined();
  }
});

test('32 logs, witnesses and groups are accepted', () => {
  const many = Array.from({ length: 32 }, (_, at) => at);
  const { value } = parse(
    [
      ...many.map((at) => `log ${vkey(testSigner(`log${at}.example`).key)}`),
      ...many.map((at) => `witness w${at} ${vkey(testSigner(`w${at}.example`, 'cosignature').key)}`),
      ...many.map((at) => `group g${at} any ${at === 0 ? '' : `g${at - 1} `}w${at}`),
      'quorum g31\n',
    ].join('\n'),
  );
  expect([value?.logs.length, value?.witnesses.size, value?.groups.size]).toEqual([32, 32, 32]);
});
