import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatLogProof } from '../../../lambdas/core/transparency/log-proof';
import { openCheckpoint } from '../../../lambdas/core/transparency/open-checkpoint';
import { proveInclusion } from '../../../lambdas/core/transparency/prove-from-tiles';
import { readArchivedLine } from '../../../lambdas/core/transparency/archived-line';
import { formatVerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { testSigner } from '../../doubles/transparency/test-signer';
import { linesOf, ORIGIN, publisherWorld } from '../transparency/publisher-world';
import { policyOf } from '../transparency/published-log';
import { storedLog } from '../transparency/stored-log';
import { textOf } from './documents';

const script =
  /^```sh\n# check-proof\.sh\n[\s\S]*?^```$/m
    .exec(textOf('docs/evidence.md'))?.[0]
    .split('\n')
    .slice(1, -1)
    .join('\n') ?? '';
/** Of `pkeyutl -rawin`, from OpenSSL 3.0 on. */
const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' });
const canRun = openssl.error === undefined && /^OpenSSL [3-9]/.test(openssl.stdout);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyward-proof-'));
  writeFileSync(join(directory, 'check-proof.sh'), `${script}\n`);
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const COUNT = 7;
const lines = linesOf(0, COUNT);
const VKEY = formatVerifierKey(testSigner(ORIGIN).key);
const COSIGNER = formatVerifierKey(testSigner(`${ORIGIN}/cosigner`, 'cosignature').key);

const POLICY = policyOf(testSigner(ORIGIN).key, testSigner(`${ORIGIN}/cosigner`, 'cosignature').key);

async function proofOf(index: number): Promise<string> {
  const world = publisherWorld();
  world.archiveLines(lines);
  await world.publish();
  const checkpoint = world.checkpoints.at(-1) ?? Buffer.alloc(0);
  const { value } = await proveInclusion(
    { source: storedLog(world.store), size: COUNT },
    openCheckpoint(checkpoint, POLICY).value!.checkpoint,
    index,
  );
  const { nonce: extra } = readArchivedLine(Buffer.from(lines[index] ?? ''))!;
  return formatLogProof({ extra, index, hashes: value?.hashes ?? [], checkpoint }).toString('utf8');
}

function check(
  proof: string,
  line: string,
  [vkey, cosigner] = [VKEY, COSIGNER],
): { status: number | null; last: string } {
  writeFileSync(join(directory, 'proof'), proof);
  writeFileSync(join(directory, 'line'), `${line}\n`);
  const { status, stdout } = spawnSync('sh', ['check-proof.sh', 'proof', 'line', vkey, cosigner], {
    cwd: directory,
    encoding: 'utf8',
  });
  return { status, last: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

(canRun ? describe : describe.skip)('the script of docs/evidence.md', () => {
  // The first one, one with a sibling that is missing on the way, and the last one, alone on its level.
  test.each([0, 3, 6])('finds entry %d by openssl alone', async (index) => {
    const { id } = readArchivedLine(Buffer.from(lines[index] ?? ''))!;
    const { status, last } = check(await proofOf(index), lines[index] ?? '');
    expect(last).toMatch(
      new RegExp(`^event ${id} is entry ${index} of 7, as signed and, at [0-9]{10} seconds since 1970, cosigned$`),
    );
    expect(status).toBe(0);
  });

  const flippedHash = (proof: string): string =>
    proof.replace(/^(index \d+\n)(.)/m, (_, head: string, first: string) => `${head}${first === 'A' ? 'B' : 'A'}`);
  const other = (name: string, type?: 'cosignature') => formatVerifierKey(testSigner(name, type, 'another').key);

  test.each<[string, (given: { proof: string; line: string }) => Parameters<typeof check>]>([
    ['another line', ({ proof, line }) => [proof, line.replace('decrypt', 'encrypt')]],
    ['another nonce', ({ proof, line }) => [proof.replace(/^extra ..../m, 'extra AAAA'), line]],
    ['another place', ({ proof, line }) => [proof.replace('index 3', 'index 2'), line]],
    ['a place beyond the log', ({ proof, line }) => [proof.replace('index 3', 'index 7'), line]],
    ['another hash', ({ proof, line }) => [flippedHash(proof), line]],
    ['a hash less', ({ proof, line }) => [proof.replace(/^(index \d+\n).*\n/m, '$1'), line]],
    ['another size', ({ proof, line }) => [proof.replace(/^7$/m, '8'), line]],
    ["another log's key", ({ proof, line }) => [proof, line, [other(ORIGIN), COSIGNER]]],
    ["another cosigner's key", ({ proof, line }) => [proof, line, [VKEY, other(`${ORIGIN}/cosigner`, 'cosignature')]]],
    ['another origin', ({ proof, line }) => [proof, line, [formatVerifierKey(testSigner('elsewhere').key), COSIGNER]]],
  ])('refuses %s', async (_, change) => {
    const { status, last } = check(...change({ proof: await proofOf(3), line: lines[3] ?? '' }));
    expect(status).not.toBe(0);
    expect(last).not.toContain('is entry');
  });
});

test('the document has the script', () => {
  expect(script).toContain('openssl pkeyutl -verify');
});
