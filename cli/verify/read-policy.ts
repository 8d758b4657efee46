import { readFile } from 'node:fs/promises';
import { parseTrustPolicy } from '../../lambdas/core/transparency/parse-trust-policy';
import type { TrustPolicy } from '../../lambdas/core/transparency/trust-policy';
import { usageError } from '../io/cli-error';
import { systemCode } from '../io/system-code';

/**
 * Reads a file in the format of tlog-policy.
 *
 * @throws CliError `usage` with the line that is none
 */
export async function readPolicy(path: string): Promise<TrustPolicy> {
  const bytes = await readFile(path).catch((thrown: unknown) => {
    throw usageError(`--policy: the file cannot be read (${systemCode(thrown)})`);
  });
  const { value, fault, line } = parseTrustPolicy(bytes);
  if (value !== undefined) return value;
  const where = line === 0 || line === undefined ? 'the file' : `line ${line}`;
  throw usageError(`--policy: ${where} is not in the format of tlog-policy (${fault})`);
}

/** The policy of a first use: the log's own key, and the cosignature of its own cosigner. */
export const policyOfKeys = ([log, cosigner]: readonly [log: string, cosigner: string]): TrustPolicy | undefined =>
  parseTrustPolicy(Buffer.from(`log ${log}\nwitness own ${cosigner}\nquorum own\n`, 'utf8')).value;
