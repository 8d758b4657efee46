import { usageError } from './cli-error';

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
 * A revision as the entity tag that `If-Match` takes (RFC 9110 section 13.1.1).
 *
 * @throws CliError where it is neither a revision nor `*`
 */
export function readRevision(text: string): string {
  if (text === '*') return text;
  if (!/^[1-9][0-9]{0,15}$/.test(text)) throw usageError('--if-match: must be a revision such as 3, or *');
  return `"${text}"`;
}
