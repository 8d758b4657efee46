import { createHash } from 'node:crypto';
import { counted } from '../io/counted';
import { EVENT_KINDS, type EventKind } from './event-kind';
import type { EvidenceFacts } from './evidence-facts';
import { Html, html } from './html';
import { pageKeys } from './page-keys';
import { PAGE_STYLE } from './page-style';
import { pageTable } from './page-table';
import { pageUses } from './page-uses';
import { pageVerification } from './page-verification';
import { shownTime } from './shown-time';

/** No script runs and nothing is loaded, whatever a value on the page holds: a browser refuses both (CSP Level 3, section 6). */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(PAGE_STYLE, 'utf8').digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** Not escaped: it is ours, and its hash is in the policy. */
const STYLE = new Html(`<style>${PAGE_STYLE}</style>`);

/** The printable page of a pack, as HTML. */
export const evidencePage = (facts: EvidenceFacts): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Evidence of key management and access, ${dayOf(facts.period.from)} to ${dayOf(facts.period.to)}</title>
        ${STYLE}
      </head>
      <body>
        ${head(facts)} ${summary(facts)} ${pageKeys(facts)} ${pageUses(facts)} ${pageVerification(facts.verification)}
        ${omissions(facts)} ${checking()}
      </body>
    </html> `.markup;

const dayOf = (time: string): string => time.slice(0, 10);
function head({ endpoint, period, asked_to, made_at, made_by, command_version, events }: EvidenceFacts): Html {
  const later = asked_to === undefined ? '' : ` The end that was asked for, ${shownTime(asked_to)}, was not yet past.`;
  return html`<header>
    <p class="kicker">Keyward · pack for the auditor</p>
    <h1>Evidence of key management and access</h1>
    <p class="period">${shownTime(period.from)} to ${shownTime(period.to)} UTC</p>
    <dl class="facts">
      <dt>Service</dt>
      <dd>${endpoint}</dd>
      <dt>Made by</dt>
      <dd>${made_by}</dd>
      <dt>Made at</dt>
      <dd>${shownTime(made_at)} UTC, with keyward ${command_version}</dd>
      <dt>Read</dt>
      <dd>
        ${counted(events, 'event')} of the audit log.${later === '' ? new Html('') : html`${later}`} States and ages of
        keys are those at the time of the pack.
      </dd>
    </dl>
  </header>`;
}

function summary({ findings, counts, keys, rotations, verification: { state } }: EvidenceFacts): Html {
  const within = keys.filter(({ verdict }) => verdict === 'within policy').length;
  const figures: readonly (readonly [value: string, name: string])[] = [
    [`${within} of ${keys.length}`, 'keys within rotation policy'],
    [rotations.length.toLocaleString('en'), 'rotations of DEKs in the period'],
    [counts.access.toLocaleString('en'), 'uses of keys'],
    [counts.failure.toLocaleString('en'), 'events of failures and refusals'],
    [counts.change.toLocaleString('en'), 'changes'],
    [counts.read.toLocaleString('en'), 'reads of the audit log'],
    [counts.intent.toLocaleString('en'), 'intents of changes'],
    [state, 'the audit log itself'],
  ];
  return html`<section>
    <h2>Summary</h2>
    <ul class="figures">
      ${figures.map(([value, name]) => html`<li><b>${value}</b><span>${name}</span></li> `)}
    </ul>
    <h3>What to look at</h3>
    <ul class="findings">
      ${findings.map(({ level, text }) => html`<li class="${level}">${text}</li> `)}
    </ul>
  </section>`;
}

function omissions(facts: EvidenceFacts): Html {
  return html`<section>
    <h2>What is not included, and where to get it</h2>
    ${pageTable(
      facts.omissions,
      [
        { heading: 'Not included', cell: ({ what }) => what },
        { heading: 'Where to get it', cell: ({ where }) => where },
      ],
      'Nothing.',
    )}
    <p class="note">No key, no token, no value, no metadata and no hint of a stored credential is in this pack.</p>
  </section>`;
}

function checking(): Html {
  const kinds = Object.entries(EVENT_KINDS) as [EventKind, string][];
  return html`<section>
    <h2>How to read and check this pack</h2>
    <p>
      Every event is counted in one of these kinds: ${kinds.map(([, text]) => text).join('; ')}. One event can stand for
      several refusals of an address in a minute; tables of failures count refusals. Times are UTC.
    </p>
    <p>
      Each table is in this directory as CSV and as JSON lines; what this page shows is in <code>summary.json</code>. In
      CSV a text that a spreadsheet may take for a formula has a ' before it. <code>SHA256SUMS</code> has the hash of
      every file of the pack. These commands check the files, and print the hash of the list:
    </p>
    <pre><code>sha256sum -c SHA256SUMS</code></pre>
    <pre><code>sha256sum SHA256SUMS</code></pre>
    <p>
      <code>recorded.json</code> names the event of the audit log that has this last hash: from then on the pack cannot
      be replaced by another one without the log saying otherwise. It is not in the list itself, because it comes after
      it.
    </p>
  </section>`;
}
