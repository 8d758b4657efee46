import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { JsonObject } from '../client/json-object';
import type { EvidenceFacts } from './evidence-facts';
import { html, type Html } from './html';
import type { KeyJudgement } from './key-judgement';
import { pageTable } from './page-table';
import { shownTime } from './shown-time';

const CLASSES = { 'within policy': 'good', overdue: 'bad', 'not scheduled': 'wait', 'not known': 'wait' } as const;

/** The sections about keys, rotations and stored credentials. */
export const pageKeys = (facts: EvidenceFacts): Html =>
  html`<section>
      <h2>Keys against their rotation policy</h2>
      <p>
        The KEK wraps the DEKs; the DEK of a provider seals its tokens and stored credentials. A key is overdue when its
        next rotation was due before this pack was made.
      </p>
      ${pageTable(
        facts.keys,
        [
          { heading: 'Key', cell: ({ key }) => key },
          { heading: 'Made at', cell: ({ in_use_since: since }) => shownTime(since), set: 'nowrap' },
          { heading: 'Age, days', cell: ({ age_days: age }) => age, set: 'number' },
          { heading: 'Interval, days', cell: ({ interval_days: days }) => days, set: 'number' },
          { heading: 'Grace, days', cell: ({ grace_period_days: days }) => days, set: 'number' },
          { heading: 'Next rotation', cell: ({ next_rotation_at: next }) => shownTime(next), set: 'nowrap' },
          { heading: 'Against policy', cell: verdictOf },
        ],
        'No key could be read.',
      )}
      ${kekPart(facts.kek)}
      <h3>Versions of DEKs</h3>
      ${pageTable(
        facts.keysets.flatMap(({ provider, versions }): readonly JsonObject[] =>
          recordsIn(versions).map((version) => ({ provider, ...version })),
        ),
        [
          { heading: 'Provider', cell: ({ provider }) => String(provider) },
          { heading: 'Version', cell: ({ version }) => Number(version), set: 'number' },
          { heading: 'State', cell: ({ state }) => String(state), set: 'nowrap' },
          { heading: 'Made at', cell: ({ created_at: at }) => shownTime(at), set: 'nowrap' },
          { heading: 'Superseded at', cell: ({ superseded_at: at }) => shownTime(at), set: 'nowrap' },
          { heading: 'Grace until', cell: ({ grace_until: at }) => shownTime(at), set: 'nowrap' },
          { heading: 'Retired at', cell: ({ retired_at: at }) => shownTime(at), set: 'nowrap' },
          { heading: 'Destroyed at', cell: ({ destroyed_at: at }) => shownTime(at), set: 'nowrap' },
        ],
        'No version could be read.',
      )}
    </section>
    <section>
      <h2>Rotations of DEKs in the period</h2>
      ${pageTable(
        facts.rotations,
        [
          { heading: 'Provider', cell: ({ provider }) => String(provider) },
          {
            heading: 'Versions',
            cell: ({ from_version: from, version }) =>
              from === undefined ? null : `${Number(from)} → ${Number(version)}`,
            set: 'nowrap',
          },
          { heading: 'Status', cell: ({ status }) => String(status) },
          { heading: 'Started by', cell: ({ started_by: by }) => textOf(by), set: 'principal' },
          { heading: 'Started at', cell: ({ started_at: at }) => shownTime(at), set: 'nowrap' },
          { heading: 'Ended at', cell: ({ ended_at: at }) => shownTime(at), set: 'nowrap' },
          {
            heading: 'Moved',
            cell: ({ counts }) => (isRecord(counts) ? Number(counts['moved']) : null),
            set: 'number',
          },
          {
            heading: 'Reason',
            cell: ({ reason, emergency }) => `${emergency === true ? 'Emergency. ' : ''}${textOf(reason)}`,
            set: 'long',
          },
        ],
        'No DEK was rotated in the period.',
      )}
      <p class="note">Rotations of the KEK are among the changes, as rotate_kek.</p>
    </section>
    <section>
      <h2>Stored credentials</h2>
      ${pageTable(
        facts.credentials,
        [
          { heading: 'Provider', cell: ({ provider }) => provider },
          { heading: 'Stored', cell: ({ stored }) => stored, set: 'number' },
          { heading: 'Edited or not decrypting', cell: ({ damaged }) => damaged, set: 'number' },
          { heading: 'Longest not replaced: since', cell: ({ oldest_at: at }) => shownTime(at), set: 'nowrap' },
        ],
        'None could be read.',
      )}
      <p class="note">credentials.csv has each of them with revision, DEK version and dates.</p>
    </section>`;

function kekPart(kek: JsonObject | undefined): Html {
  if (kek === undefined) return html`<p class="note">The state of the KEK could not be read.</p>`;
  const regions = recordsIn(kek['regions']).map(({ region, state }) => `${String(region)}: ${String(state)}`);
  const { source, place, kek_id: id, kek_count: count, version_id: version } = kek;
  return html`<p class="note">
    KEK ${textOf(id)} in ${textOf(source)}, ${textOf(place)}, version ${textOf(version)}; ${Number(count)} kept in all.
    Regions: ${regions.join(', ')}.
  </p>`;
}

const verdictOf = ({ verdict }: KeyJudgement): Html =>
  html`<span class="verdict ${CLASSES[verdict]}">${verdict}</span>`;

const recordsIn = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as unknown[]).filter(isRecord) : [];
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '–');
