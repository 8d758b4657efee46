import { RESTORABLE_MS } from '../contract/protocol-times';
import type { DekVersionRecord } from '../keysets/keyset-record';

/**
 * When a version may be destroyed, in milliseconds since 1970: the later of its window's end and the time from which no
 * restorable copy needs it (35 days after the last reference). Undefined if no destruction is scheduled or a credential may still be under it.
 * At that time retire-and-destroy-versions.ts reads all credentials once more, consistently, and destroys only an unreferenced version.
 */
export function destructionDue(entry: DekVersionRecord): number | undefined {
  const { destruction, unreferenced_since: since } = entry;
  if (entry.state !== 'rewrap_only' || destruction === undefined || since === undefined) return undefined;
  return Math.max(Date.parse(destruction.not_before), Date.parse(since) + RESTORABLE_MS);
}
