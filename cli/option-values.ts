import { usageError } from './io/cli-error';

/**
 * Reads `name=value` pairs; the value is what follows the first `=`.
 *
 * @throws CliError which names the option, never a pair
 */
export function readPairs(option: string, texts: readonly string[]): Record<string, string> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals < 1) throw usageError(`${option}: must be name=value`);
    const name = text.slice(0, equals);
    if (pairs.has(name)) throw usageError(`${option}: a name is given twice`);
    pairs.set(name, text.slice(equals + 1));
  }
  return Object.fromEntries(pairs);
}

/**
 * A whole number between two limits, without signs and leading zeros.
 *
 * @throws CliError which names the option and the limits
 */
export function readCount(option: string, text: string, { least, most }: { least: number; most: number }): number {
  const count = /^(0|[1-9][0-9]{0,9})$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= least && count <= most)) throw usageError(`${option}: must be ${least} to ${most}`);
  return count;
}

/** @throws CliError which names the option and the choices */
export function readChoice(option: string, text: string, choices: readonly string[]): string {
  if (!choices.includes(text)) throw usageError(`${option}: must be one of ${choices.join(', ')}`);
  return text;
}

/**
 * A revision as the entity tag that `If-Match` takes (RFC 9110 section 13.1.1).
 *
 * @throws CliError if it is neither a revision nor `*`
 */
export function readRevision(text: string): string {
  if (text === '*') return text;
  if (!/^[1-9][0-9]{0,15}$/.test(text)) throw usageError('--if-match: must be a revision such as 3, or *');
  return `"${text}"`;
}
