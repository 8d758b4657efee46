import type { Caller } from '../ports/caller';
import type { KeysetAtHome, KeysetWriter } from '../keysets/keyset-writer';
import type { DekRotationReport } from './dek-rotation-report';
import type { DekRotationReports } from './dek-rotation-reports';

interface KeysetAndReports {
  readonly writer: KeysetWriter;
  readonly reports: DekRotationReports;
}

/** A keyset, and the report of its running rotation. */
export type DekRotationAtHome = KeysetAtHome & { readonly report: DekRotationReport | undefined };

/**
 * Reads a provider's keyset, and updates its reports after a crash.
 *
 * @throws KeywardError as {@link KeysetWriter}; `store_unavailable`, `conflict`
 */
export async function readInStep({ writer, reports }: KeysetAndReports, provider: string): Promise<DekRotationAtHome> {
  const home = await writer.read(provider);
  return { ...home, report: await reports.follow(home.record) };
}

/**
 * Changes a keyset for a rotation. The writer updates the reports after its own change; if another writer was faster, it may have
 * stopped before updating them.
 *
 * @returns `report` only if nothing was changed
 * @throws KeywardError as {@link KeysetWriter}; `store_unavailable`, `conflict`
 */
export async function changeInStep(
  { writer, reports }: KeysetAndReports,
  caller: Caller,
  provider: string,
  decide: Parameters<KeysetWriter['change']>[2],
): Promise<DekRotationAtHome & { readonly changed: boolean }> {
  const after = await writer.change(caller, provider, decide);
  return { ...after, report: after.changed ? undefined : await reports.follow(after.record) };
}
