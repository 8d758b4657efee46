import { hash } from 'node:crypto';
import { formatEventLine } from '../audit/event-line';
import { AUDIT_NONCE_BYTES } from '../contract/limits';
import type { Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import { archiveHour } from './archive-hour';
import type { EventArchive } from './ports/event-archive';
import type { StoredEvent } from './ports/event-change';

/**
 * The line of an event as it is archived. An event of an earlier release gets its nonce here, another one at each attempt: the
 * publisher's decision names the object that counts.
 */
export const archivedLineOf = ({ event, nonce }: StoredEvent, randomness: Randomness): string =>
  formatEventLine({ ...event, nonce: nonce ?? randomness.secretBytes(AUDIT_NONCE_BYTES).toString('base64') });

/**
 * Archives lines as one object, if there are any.
 *
 * @throws what the archive throws
 */
export async function archiveLines(
  { archive, clock }: { readonly archive: EventArchive; readonly clock: Pick<Clock, 'now'> },
  lines: Iterable<string>,
): Promise<void> {
  const bytes = Buffer.from(Array.from(lines, (line) => `${line}\n`).join(''), 'utf8');
  if (bytes.length === 0) return;
  await archive.add({ hour: archiveHour(clock.now()), sha256: hash('sha256', bytes, 'hex') }, bytes);
}
