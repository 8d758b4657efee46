import type { JsonObject } from '../client/json-object';
import type { DayCounts } from './audit-tally';
import type { Finding } from './pack-findings';
import type { KeyJudgement } from './key-judgement';
import type { Omission } from './omission';
import type { Period } from './period';
import type { PolicyRow } from './policy-statements';
import type { CredentialCount } from './read-keys';
import type { Total } from './totals';
import type { Verification } from './verification';

/** Names with their totals, the largest first, of at most so many as the page shows. */
export interface TopTotals {
  readonly rows: readonly (readonly [name: string, total: Total])[];
  /** The number of names in all. */
  readonly names: number;
  /** The total of names beyond the bound up to which they are counted one by one. */
  readonly others?: Total;
}

/** All that the page shows; the same is in `summary.json`. */
export interface EvidenceFacts {
  readonly endpoint: string;
  readonly period: Period;
  /** The end that was asked for, if it was not yet past. */
  readonly asked_to?: string;
  readonly made_at: string;
  readonly made_by: string;
  readonly command_version: string;
  readonly findings: readonly Finding[];
  readonly keys: readonly KeyJudgement[];
  readonly kek: JsonObject | undefined;
  readonly keysets: readonly JsonObject[];
  readonly rotations: readonly JsonObject[];
  readonly credentials: readonly CredentialCount[];
  /** Of the file that was given; undefined if none was. */
  readonly policies:
    { readonly sha256: string; readonly statements: number; readonly shown: readonly PolicyRow[] } | undefined;
  readonly events: number;
  readonly counts: DayCounts;
  readonly days: readonly (readonly [day: string, counts: DayCounts])[];
  readonly principals: TopTotals;
  readonly credential_uses: TopTotals;
  readonly failures: TopTotals;
  readonly addresses: TopTotals;
  readonly newest_failures: readonly JsonObject[];
  readonly newest_changes: readonly JsonObject[];
  readonly verification: Verification;
  readonly omissions: readonly Omission[];
}
