/** A saved query, for one region's archive. */
export interface AuditQuery {
  readonly name: string;
  readonly description: string;
  /** For Athena's engine version 3 (Trino). Each question mark is a parameter; the comment says of what. */
  readonly sql: string;
}

const PERIOD = [
  "-- 1, 2: the first and the last hour in which events were archived, such as '2026-11-01T00' and '2026-11-30T23', quotes",
  '--   included. An event is archived within minutes as a rule: take a day more to have late ones.',
];

/** In every query: what a result is worth. */
const WORTH = [
  '-- What this shows is what the archive of this region has, each event once. That proves nothing by itself: a line may not be',
  '-- published yet, and whoever could put objects there, or events into the table, could have put it there. `keyward audit verify`',
  '-- compares archive, published log and table, and names what is missing; `keyward audit proof ID` proves one event. Two rows',
  '-- with one id contradict each other: only one of them can be in the log.',
];

const comment = (about: string, parameters: readonly string[]): string =>
  [`-- ${about}`, '-- Parameters:', ...PERIOD, ...parameters.map((each) => `-- ${each}`), ...WORTH, ''].join('\n');

/** A member of an event as text: null where the line has none, or is no JSON. */
const member = (path: string): string => `json_extract_scalar(line, '$.${path}')`;

const column = (path: string): string => `"${path.split('.').at(-1) ?? path}"`;

/**
 * The events of the period with these members: DISTINCT, because objects of the archive may overlap, and without the nonce, in which
 * two lines of one event may differ.
 */
const events = (...members: readonly string[]): string =>
  [
    'WITH events AS (',
    '  SELECT DISTINCT',
    ['id', 'timestamp', ...members].map((path) => `    ${member(path)} AS ${column(path)}`).join(',\n'),
    '  FROM archive',
    '  WHERE hour BETWEEN ? AND ?',
    ')',
    '',
  ].join('\n');

/** A session's role in place of each session, as the pack of evidence has it. */
const PRINCIPAL = `regexp_replace("user_id", '^(arn:[^:]*:sts::[0-9]*:assumed-role/[^/]*)/.*$', '$1')`;

/** What an auditor asks first. */
export const AUDIT_QUERIES: readonly AuditQuery[] = [
  {
    name: 'who-saw-which-credential',
    description: 'Each time a stored credential was revealed: when, by whom, from where.',
    sql:
      comment('Who saw which credential, and when.', [
        "3: the provider, such as 'openai', or '%' for all. 4: the credential's name, or '%'.",
      ]) +
      events(
        ...['event_type', 'provider', 'user_id', 'ip_address', 'user_agent', 'success', 'region', 'request_id'],
        ...['key_version', 'metadata.credential', 'metadata.revision', 'metadata.value', 'metadata.operation'],
      ) +
      `SELECT "timestamp", "user_id", "ip_address", "user_agent", "provider", "credential", "revision", "value", "key_version",
  "request_id", "id"
FROM events
WHERE "event_type" = 'decrypt' AND "success" = 'true' AND "credential" IS NOT NULL
  AND "provider" LIKE ? AND "credential" LIKE ?
ORDER BY "timestamp", "id"
`,
  },
  {
    name: 'accesses-by-principal-and-day',
    description: 'How often each principal used what, by day.',
    sql:
      comment('Accesses by principal and day. All sessions of a role are one principal.', []) +
      events('event_type', 'provider', 'user_id', 'success', 'metadata.operation', 'metadata.credential') +
      `SELECT substr("timestamp", 1, 10) AS "day", ${PRINCIPAL} AS "principal", "provider", "credential", "event_type",
  "operation", "success", count(DISTINCT "id") AS "events", min("timestamp") AS "first", max("timestamp") AS "last"
FROM events
WHERE "id" IS NOT NULL
GROUP BY substr("timestamp", 1, 10), ${PRINCIPAL}, "provider", "credential", "event_type", "operation", "success"
ORDER BY "day", "principal", "provider", "credential", "event_type", "operation", "success"
`,
  },
  {
    name: 'failures-and-refusals',
    description: 'What failed or was refused: when, to whom, from where and why.',
    sql:
      comment(
        'Failures and refusals. "stands_for" is the number of refusals that one event stands for, where several were counted.',
        [],
      ) +
      events(
        ...['event_type', 'provider', 'user_id', 'ip_address', 'user_agent', 'success', 'error_message', 'request_id'],
        ...['metadata.operation', 'metadata.code', 'metadata.reason', 'metadata.credential', 'metadata.outcome'],
        ...['metadata.count', 'metadata.first_at', 'metadata.last_at'],
      ) +
      `SELECT "timestamp", "event_type", "user_id", "ip_address", "user_agent", "provider", "credential", "operation", "code",
  "reason", "error_message", "outcome", coalesce("count", '1') AS "stands_for", "first_at", "last_at", "request_id", "id"
FROM events
WHERE "success" = 'false' OR "event_type" IN ('failed_decrypt', 'unauthorized_access')
ORDER BY "timestamp", "id"
`,
  },
  {
    name: 'configuration-changes',
    description:
      'What was changed: keys, policies, credentials, regions and providers, with the value before and after.',
    sql:
      comment(
        'Configuration changes. A change has an intent and an outcome with one write_id; an intent alone was cut off before its outcome.',
        [],
      ) +
      events(
        ...['event_type', 'provider', 'user_id', 'ip_address', 'success', 'key_version', 'request_id'],
        ...['metadata.operation', 'metadata.phase', 'metadata.outcome', 'metadata.write_id', 'metadata.given_reason'],
        ...['metadata.credential', 'metadata.revision', 'metadata.previous_value', 'metadata.rotation_id'],
        ...['metadata.from_version', 'metadata.kek_id', 'metadata.dropped_kek_ids', 'metadata.from_home'],
        ...['metadata.to_home', 'metadata.move_state', 'metadata.old_policy', 'metadata.new_policy'],
        ...['metadata.old_regions', 'metadata.new_regions', 'metadata.old_providers', 'metadata.new_providers'],
      ) +
      `SELECT *
FROM events
WHERE "event_type" IN ('config_change', 'rotate') OR ("event_type" = 'encrypt' AND "credential" IS NOT NULL)
ORDER BY "timestamp", "id"
`,
  },
  {
    name: 'one-event',
    description: 'One event by its id: its archived line, byte for byte, and the objects that have it.',
    sql:
      comment(
        'One event by its id. Its line is the text whose HMAC under its nonce is its entry in the log (docs/evidence.md).',
        ["3: the id, such as '019abc…'. Its first 12 digits are its time in milliseconds since 1970, in hexadecimal."],
      ) +
      `SELECT DISTINCT line, hour, "$path" AS "object"
FROM archive
WHERE hour BETWEEN ? AND ?
  AND json_extract_scalar(line, '$.id') = ?
ORDER BY hour, "object"
`,
  },
];
