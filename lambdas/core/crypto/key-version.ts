import { MAX_KEY_VERSION } from '../contract/names';

/**
 * Parses a DEK version: decimal, without leading zeros, 1 to {@link MAX_KEY_VERSION}.
 *
 * @returns the number, or undefined if the text is anything else
 */
export function parseKeyVersion(text: string): number | undefined {
  if (!/^[1-9][0-9]{0,9}$/.test(text)) return undefined;
  const version = Number(text);
  return version <= MAX_KEY_VERSION ? version : undefined;
}
