import { counted } from '../io/counted';
import type { JsonObject } from '../client/json-object';
import type { EVENT_KINDS } from './event-kind';
import type { EvidenceFacts, TopTotals } from './evidence-facts';
import { html, type Html } from './html';
import { pageTable, type PageColumn } from './page-table';
import type { PolicyRow } from './policy-statements';
import { shownTime } from './shown-time';
import type { Total } from './totals';

/** Up to so many days the page has a row for each, and beyond for each month. */
const MOST_DAYS = 62;
const DAY_CHARACTERS = 10;
const MONTH_CHARACTERS = 7;

type NamedTotal = readonly [name: string, total: Total];

const FIRST_AND_LAST: readonly PageColumn<NamedTotal>[] = [
  { heading: 'First', cell: ([, { first_at: at }]) => shownTime(at), set: 'nowrap' },
  { heading: 'Last', cell: ([, { last_at: at }]) => shownTime(at), set: 'nowrap' },
];

const ALL_KINDS: readonly PageColumn<NamedTotal>[] = [
  { heading: 'Uses', cell: ([, { access }]) => access, set: 'number' },
  { heading: 'Changes', cell: ([, { change }]) => change, set: 'number' },
  { heading: 'Reads of the log', cell: ([, { read }]) => read, set: 'number' },
  { heading: 'Failures', cell: ([, { failure }]) => failure, set: 'number' },
  ...FIRST_AND_LAST,
];

/** The sections about who may do what and who did what. */
export const pageUses = (facts: EvidenceFacts): Html =>
  html`<section>
      <h2>Who may do what</h2>
      ${policies(facts)}
    </section>
    <section>
      <h2>Accesses by principal</h2>
      <p>
        Uses are encrypt, decrypt, rewrap and reveal that were carried out. All sessions of a role count as one
        principal; <code>keyward:</code> and a name is a part of Keyward.
      </p>
      ${totals(facts.principals, 'Principal', 'principals.csv', ALL_KINDS, 'No principal did anything in the period.')}
    </section>
    <section>
      <h2>Accesses by credential</h2>
      ${totals(facts.credential_uses, 'Credential', 'credential-uses.csv', ALL_KINDS, 'No stored credential was used or changed in the period.')}
    </section>
    <section>
      <h2>Accesses by day</h2>
      ${days(facts)}
      <p class="note">
        accesses.csv has the uses by day, principal, provider, credential and operation. A combination can have several
        rows: add them up.
      </p>
    </section>
    <section>
      <h2>Failures and refusals</h2>
      ${totals(facts.failures, 'Type · operation · code', 'failures.csv', [{ heading: 'Number', cell: ([, { failure }]) => failure, set: 'number' }, ...FIRST_AND_LAST], 'Nothing failed and nothing was refused in the period.')}
      <h3>Addresses of requests that were refused without a verified principal</h3>
      ${totals(facts.addresses, 'Address', 'failures.csv', [{ heading: 'Number', cell: ([, { failure }]) => failure, set: 'number' }, ...FIRST_AND_LAST], 'None.')}
      <h3>The newest</h3>
      ${pageTable(facts.newest_failures, FAILURES, 'None.')}
      ${more(facts.newest_failures.length, facts.counts.failure, 'failures.csv')}
    </section>
    <section>
      <h2>Configuration changes</h2>
      <p>
        Changes of keys, policies, regions, providers and stored credentials that were made, with the value before and
        after. The value of a credential or key is told by revision or version alone. Changes that were refused are
        among the failures.
      </p>
      ${pageTable(facts.newest_changes, CHANGES, 'Nothing was changed in the period.')}
      ${more(facts.newest_changes.length, facts.counts.change, 'changes.csv')}
    </section>`;

const FAILURES: readonly PageColumn<JsonObject>[] = [
  { heading: 'Time', cell: ({ timestamp }) => shownTime(timestamp), set: 'nowrap' },
  { heading: 'Type', cell: ({ event_type: type }) => textOf(type) },
  { heading: 'Principal', cell: ({ user_id: user }) => textOf(user), set: 'principal' },
  { heading: 'Address', cell: ({ ip_address: address }) => textOf(address) },
  { heading: 'Provider', cell: ({ provider }) => textOf(provider) },
  { heading: 'Operation', cell: ({ operation }) => textOf(operation) },
  {
    heading: 'Reason',
    cell: ({ code, reason }) => [code, reason].filter((each) => typeof each === 'string').join(': ') || '–',
    set: 'long',
  },
];

const CHANGES: readonly PageColumn<JsonObject>[] = [
  { heading: 'Time', cell: ({ timestamp }) => shownTime(timestamp), set: 'nowrap' },
  { heading: 'Operation', cell: ({ operation }) => textOf(operation) },
  {
    heading: 'About',
    cell: ({ provider, credential }) =>
      [provider, credential].filter((each) => typeof each === 'string').join('/') || '–',
    set: 'long',
  },
  { heading: 'Principal', cell: ({ user_id: user }) => textOf(user), set: 'principal' },
  { heading: 'Old value', cell: ({ old_value: value }) => textOf(value), set: 'long' },
  { heading: 'New value', cell: ({ new_value: value }) => textOf(value), set: 'long' },
  { heading: 'Outcome', cell: ({ outcome }) => textOf(outcome) },
  { heading: 'Reason', cell: ({ given_reason: reason }) => textOf(reason), set: 'long' },
];

const POLICIES: readonly PageColumn<PolicyRow>[] = [
  { heading: 'Principal', cell: ({ principal }) => principal, set: 'principal' },
  { heading: 'Policy', cell: ({ policy }) => policy, set: 'long' },
  { heading: 'Effect', cell: ({ effect }) => effect, set: 'nowrap' },
  { heading: 'Actions', cell: ({ actions }) => actions, set: 'long' },
  { heading: 'Resources', cell: ({ resources }) => resources, set: 'principal' },
  { heading: 'Condition', cell: ({ condition }) => condition, set: 'long' },
];

function policies({ policies: given }: EvidenceFacts): Html {
  if (given === undefined)
    return html`<p>
      Policies of callers are not in Keyward's API; “What is not included” says where they are. What each principal did
      and was refused in the period is below.
    </p>`;
  return html`<p>
      Statements of policies that may allow or deny a call of an API, from a file that was given for this pack (SHA-256
      <code>${given.sha256}</code>). They are shown as they stand, and were not evaluated.
    </p>
    ${pageTable(given.shown, POLICIES, 'The file has no such statement.')}
    ${more(given.shown.length, given.statements, 'policies.csv')}`;
}

function totals(
  { rows, names, others }: TopTotals,
  heading: string,
  file: string,
  columns: readonly PageColumn<NamedTotal>[],
  nothing: string,
): Html {
  const beyond = others === undefined ? [] : [['(further names)', others] as const];
  return html`${pageTable([...rows, ...beyond], [{ heading, cell: ([name]) => name, set: 'long' }, ...columns], nothing)}
  ${more(rows.length, names, file)}`;
}

const more = (shown: number, all: number, file: string): Html =>
  html`<p class="note">
    ${all > shown ? `${counted(shown, 'row')} of ${all.toLocaleString('en')}; all are in ${file}.` : `${counted(all, 'row')}, also in ${file}.`}
  </p>`;

function days({ days: each }: EvidenceFacts): Html {
  const characters = each.length > MOST_DAYS ? MONTH_CHARACTERS : DAY_CHARACTERS;
  const rows = new Map<string, Record<keyof typeof EVENT_KINDS, number>>();
  for (const [day, counts] of each) {
    const name = day.slice(0, characters);
    const known = rows.get(name);
    rows.set(name, known === undefined ? { ...counts } : sum(known, counts));
  }
  return pageTable(
    [...rows],
    [
      { heading: characters === DAY_CHARACTERS ? 'Day' : 'Month', cell: ([name]) => name, set: 'nowrap' },
      { heading: 'Uses', cell: ([, { access }]) => access, set: 'number' },
      { heading: 'Changes', cell: ([, { change }]) => change, set: 'number' },
      { heading: 'Failures and refusals', cell: ([, { failure }]) => failure, set: 'number' },
      { heading: 'Reads of the log', cell: ([, { read }]) => read, set: 'number' },
      { heading: 'Intents', cell: ([, { intent }]) => intent, set: 'number' },
      { heading: 'Others', cell: ([, { other }]) => other, set: 'number' },
    ],
    'The audit log has no event of the period.',
  );
}

const sum = (one: Record<keyof typeof EVENT_KINDS, number>, other: Record<keyof typeof EVENT_KINDS, number>) => ({
  access: one.access + other.access,
  change: one.change + other.change,
  failure: one.failure + other.failure,
  read: one.read + other.read,
  intent: one.intent + other.intent,
  other: one.other + other.other,
});

const textOf = (value: unknown): string => (typeof value === 'string' && value !== '' ? value : '–');
