import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import { mergePatch } from '../../lambdas/core/crypto/merge-patch';
import type { JsonValue } from '../../lambdas/core/crypto/canonical-json';
import type { AuditMetadata } from '../../lambdas/core/audit/audit-event';
import type { OpenedPrevious, OpenedRow, OpenedValue } from './opened-row';
import type { Wanted } from './user-writes';

/** The row that a change has to leave. Newly sealed values have no times yet: the comparison knows them. */
export interface ExpectedRow {
  readonly current: ExpectedValue | null;
  /** `left`: the present one, unless its time is over. */
  readonly previous: 'left' | 'none' | 'kept';
  /** The events' member about the previous value, if present. */
  readonly noted: AuditMetadata['previous_value'];
}

type ExpectedValue = Pick<OpenedValue, 'value' | 'metadata'> & Partial<Pick<OpenedValue, 'created_at'>>;

const NOTHING: OpenedRow = { revision: 0, current: null, previous: null };

/**
 * The effect of a change on a row, by the API's description and not by its code.
 *
 * @param keptDays the number of days for which a previous value is kept
 * @returns undefined if nothing may be written
 */
export function expectedAfter(wanted: Wanted, row: OpenedRow | undefined, keptDays: number): ExpectedRow | undefined {
  const { current, previous } = row ?? NOTHING;
  const isKept = current !== null && keptDays > 0;
  const replaced = isKept
    ? ({ previous: 'kept', noted: 'kept' } as const)
    : ({ previous: 'left', noted: previous === null ? undefined : 'left' } as const);
  switch (wanted.kind) {
    case 'put': {
      const metadata = wanted.metadata === undefined ? (current?.metadata ?? '{}') : canonicalJson(wanted.metadata);
      const isSame = current?.value === wanted.value && current.metadata === metadata;
      const left = { previous: 'left', noted: previous === null ? undefined : 'left' } as const;
      const made = { value: wanted.value, metadata, ...(current && { created_at: current.created_at }) };
      return { current: made, ...(isSame ? left : replaced) };
    }
    case 'patch': {
      if (current === null) return undefined;
      const metadata = canonicalJson(mergePatch(JSON.parse(current.metadata) as JsonValue, wanted.patch));
      const noted = previous === null ? undefined : ('left' as const);
      return { current: { ...current, metadata }, previous: 'left', noted };
    }
    case 'delete':
      if (current === null) return undefined;
      return wanted.purge ? { current: null, previous: 'none', noted: 'purged' } : { current: null, ...replaced };
    case 'restore': {
      if (previous?.revision !== wanted.revision) return undefined;
      const { value, metadata, created_at } = previous;
      const exchanged = isKept
        ? ({ previous: 'kept', noted: 'kept' } as const)
        : { previous: 'none' as const, noted: undefined };
      return { current: { value, metadata, created_at }, ...exchanged };
    }
    case 'purge':
      return previous === null ? undefined : { current, previous: 'none', noted: 'purged' };
  }
}

/** The previous value that is made of a row, without its time. */
export const keptOf = ({ revision, current }: OpenedRow): Omit<OpenedPrevious, 'replaced_at'> | undefined =>
  current === null ? undefined : { ...current, revision };
