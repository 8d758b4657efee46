import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { readKeptJson } from '../../lambdas/core/crypto/strict-json';
import { usageError } from '../io/cli-error';
import { systemCode } from '../io/system-code';
import { policyStatements, type PolicyRow } from './policy-statements';

/** Larger than the details of an account with thousands of roles. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Callers' policies from a file that whoever makes the pack gave. */
export interface GivenPolicies {
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
  readonly rows: readonly PolicyRow[];
}

/**
 * Reads the file of `--caller-policies`.
 *
 * @throws CliError `usage` if it cannot be read, or is not one of the two that are known
 */
export async function readPolicies(path: string): Promise<GivenPolicies> {
  const bytes = await readSmall(path).catch((thrown: unknown) => {
    throw usageError(`--caller-policies: the file cannot be read (${systemCode(thrown)})`);
  });
  if (bytes === undefined) throw usageError('--caller-policies: the file is too large');
  const reading = readKeptJson(bytes.toString('utf8'));
  const rows = 'value' in reading ? policyStatements(reading.value) : undefined;
  if (rows === undefined)
    throw usageError(
      '--caller-policies: must be principals.json, or what aws iam get-account-authorization-details prints as JSON',
    );
  return { sha256: createHash('sha256').update(bytes).digest('hex'), rows };
}

async function readSmall(path: string): Promise<Buffer | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return size > MAX_BYTES ? undefined : await file.readFile();
  } finally {
    await file.close();
  }
}
