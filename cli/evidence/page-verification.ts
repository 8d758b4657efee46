import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { JsonObject } from '../client/json-object';
import { counted } from '../io/counted';
import { html, type Html } from './html';
import { pageTable, type PageColumn } from './page-table';
import { shownTime } from './shown-time';
import type { Verification } from './verification';

/** The section about the audit log's own proof. */
export function pageVerification(verification: Verification): Html {
  if (verification.state === 'not verified')
    return html`<section>
      <h2>Verification of the audit log</h2>
      <p class="verdict wait">not verified</p>
      <p>
        Why: ${verification.why}. This pack claims nothing about the completeness of the log beyond what the service
        returned.
      </p>
    </section>`;
  const { state, logs, findings, failures } = verification;
  return html`<section>
    <h2>Verification of the audit log</h2>
    <p class="verdict ${state === 'verified' ? 'good' : 'bad'}">${state}</p>
    <p>
      Made with this pack: signatures, cosignatures and the whole tree of each log; that it continues the checkpoint
      seen last; and, for events of the period, that each entry has the archived line to which it commits, and each
      event of the audit log is as it was archived. What was not yet published when the pack was made is not proved.
    </p>
    ${pageTable(logs, LOGS, 'No log.')}
    <h3>Findings</h3>
    ${pageTable(findings, FINDINGS, 'None.')}
    ${findings.length === 0 ? html`` : html`<p class="note">${counted(failures, 'failure')} in all; what was listed is in log-findings.csv.</p>`}
    ${logs.some(({ one_account: one }) => one === true) ? ONE_ACCOUNT : html``}
  </section>`;
}

const ONE_ACCOUNT = html`<p class="note">
  One account: no outside witness is asked for, so whoever administers the account could have made another log before it
  was first verified.
</p>`;

const LOGS: readonly PageColumn<JsonObject>[] = [
  { heading: 'Log', cell: ({ origin }) => String(origin), set: 'principal' },
  { heading: 'Entries', cell: ({ size }) => numberOf(size), set: 'number' },
  { heading: 'Cosigned at', cell: ({ cosigned_at: at }) => shownTime(at), set: 'nowrap' },
  { heading: 'Root', cell: ({ root }) => textOf(root), set: 'long' },
  { heading: 'Archived lines', cell: ({ lines }) => numberOf(lines), set: 'number' },
  { heading: 'Events compared', cell: ({ events }) => numberOf(events), set: 'number' },
  {
    heading: 'Not yet published',
    cell: ({ counts }) => (isRecord(counts) ? numberOf(counts['not_yet_published']) : null),
    set: 'number',
  },
  { heading: 'Trusted by', cell: ({ trusted_by: by }) => textOf(by) },
];

const FINDINGS: readonly PageColumn<JsonObject>[] = [
  { heading: 'Finding', cell: ({ finding }) => textOf(finding) },
  { heading: 'Why', cell: ({ fault }) => textOf(fault) },
  { heading: 'Event', cell: ({ id }) => textOf(id), set: 'long' },
  { heading: 'Time', cell: ({ timestamp: at }) => shownTime(at), set: 'nowrap' },
  { heading: 'Entry', cell: ({ place }) => numberOf(place), set: 'number' },
  { heading: 'Object', cell: ({ path }) => textOf(path), set: 'long' },
  { heading: 'Members', cell: ({ members }) => (Array.isArray(members) ? members.join(', ') : null), set: 'long' },
];

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
