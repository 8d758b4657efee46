const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

/**
 * Reads a size, an index or a time: decimal without leading zeros (tlog-checkpoint, "Note text"; tlog-cosignature, "Ed25519 signed
 * message").
 *
 * @returns undefined for any other text, and above 2^53 - 1, which no log of ours reaches
 */
export function readDecimal(text: string): number | undefined {
  const value = Number(text);
  return DECIMAL.test(text) && Number.isSafeInteger(value) ? value : undefined;
}
