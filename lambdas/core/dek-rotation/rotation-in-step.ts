import type { Caller } from '../ports/caller';
import type { KeysetAtHome, KeysetWriter } from '../keysets/keyset-writer';
import type { RotationReport } from './rotation-report';
import type { RotationReports } from './rotation-reports';

interface KeysetAndReports {
  readonly writer: KeysetWriter;
  readonly reports: RotationReports;
}

/** A keyset, and the report of the rotation that runs in it. */
export type RotationAtHome = KeysetAtHome & { readonly report: RotationReport | undefined };

/**
 * Reads a provider's keyset and makes up for what a crash has left its reports without.
 *
 * @throws KeywardError as the keyset writer; `store_unavailable`, `conflict`
 */
export async function readInStep({ writer, reports }: KeysetAndReports, provider: string): Promise<RotationAtHome> {
  const home = await writer.read(provider);
  return { ...home, report: await reports.follow(home.record) };
}

/**
 * Changes a keyset for a rotation. The writer tells the reports of its own change; where somebody else was faster, they may have been
 * stopped before theirs.
 *
 * @returns `report`: only where nothing was changed
 * @throws KeywardError as the keyset writer; `store_unavailable`, `conflict`
 */
export async function changeInStep(
  { writer, reports }: KeysetAndReports,
  caller: Caller,
  provider: string,
  decide: Parameters<KeysetWriter['change']>[2],
): Promise<RotationAtHome & { readonly changed: boolean }> {
  const after = await writer.change(caller, provider, decide);
  return { ...after, report: after.changed ? undefined : await reports.follow(after.record) };
}
