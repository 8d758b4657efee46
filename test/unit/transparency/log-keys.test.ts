import { formatLogKeys, KEYS_PATH, parseLogKeys, readLogKeys } from '../../../lambdas/core/transparency/log-keys';
import { formatVerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { memoryLogs } from '../../doubles/transparency/memory-logs';
import { testSigner } from '../../doubles/transparency/test-signer';
import { ORIGIN, publisherWorld, REGION } from './publisher-world';

const { key: log } = testSigner(ORIGIN);
const { key: cosigner } = testSigner(`${ORIGIN}/cosigner`, 'cosignature');

function logOf(read: (path: string) => Buffer | undefined) {
  return memoryLogs({ [REGION]: { publisher: publisherWorld().publisher(), read } }).of(REGION)!.files;
}

it('the public keys of a log are read as they were written, at their path alone', async () => {
  const files = logOf((path) => (path === KEYS_PATH ? formatLogKeys({ log, cosigner }) : undefined));
  const { value } = (await readLogKeys(files))!;
  expect([value?.log, value?.cosigner].map((key) => key && formatVerifierKey(key))).toEqual(
    [log, cosigner].map(formatVerifierKey),
  );
  await expect(readLogKeys(logOf(() => undefined))).resolves.toBeUndefined();
});

it.each([
  ['nothing', [], 'vkey_form'],
  ['one key', [formatVerifierKey(log)], 'vkey_form'],
  ['no key', ['example', formatVerifierKey(cosigner)], 'vkey_form'],
  ['a third key', [log, cosigner, cosigner].map(formatVerifierKey), 'vkey_form'],
  ['two that sign checkpoints', [log, testSigner(`${ORIGIN}/cosigner`).key].map(formatVerifierKey), 'vkey_type'],
  ['two that cosign', [testSigner(ORIGIN, 'cosignature').key, cosigner].map(formatVerifierKey), 'vkey_type'],
  ['a witness of another log', [log, testSigner('other', 'cosignature').key].map(formatVerifierKey), 'key_name'],
])('%s are no keys of a log', (_, lines, fault) => {
  expect(parseLogKeys(Buffer.from(lines.map((line) => `${line}\n`).join('')))).toEqual({ fault });
});

it('a line that has no end, or bytes that are no text, are no keys of a log', () => {
  const bytes = formatLogKeys({ log, cosigner });
  expect(parseLogKeys(bytes.subarray(0, -1))).toEqual({ fault: 'vkey_form' });
  expect(parseLogKeys(Buffer.from([0xff, 0xfe]))).toEqual({ fault: 'vkey_form' });
});
