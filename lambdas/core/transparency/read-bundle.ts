import { parseBundle } from './entry-bundle';
import type { Checked } from './log-fault';
import type { TileSource } from './ports/tile-source';
import { readStored } from './read-stored';

/** Reads the entries of a bundle, as {@link readStored} does. Nothing about them is proved yet. */
export async function readBundle(
  source: TileSource,
  { index, width }: { readonly index: number; readonly width: number },
): Promise<Checked<readonly Buffer[]>> {
  const stored = await readStored(source, { level: 'entries', index, width });
  if (stored.fault !== undefined) return stored;
  const parsed = parseBundle(stored.value.bytes, stored.value.width);
  return parsed.fault === undefined ? { value: parsed.value.slice(0, width) } : parsed;
}
