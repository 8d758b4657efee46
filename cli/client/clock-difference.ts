/** Signatures are valid for five minutes before and after (IAM User Guide, "AWS Signature Version 4"); a little less here, because `Date` is as old as the reply. */
const TOLERATED_MS = 270_000;

/** `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7); `Date.parse` alone accepts more. */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$/;
/** The time in AWS's message about a signature that is too old or too new: `… (20261127T035500Z - 5 min.)`. */
const OWN_TIME = /\(([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z [-+] 5 min\.\)/;

/** When a request was sent and its reply came, by this machine's clock, in milliseconds since 1970. */
export interface Exchanged {
  readonly sentAt: number;
  readonly receivedAt: number;
}

/**
 * How far the server's clock is ahead of this machine's, to a second or so and half of the duration of the exchange.
 *
 * @param date the reply's `Date`
 * @param text the reply's body, which has the time if a reply of AWS lacks that header
 * @returns milliseconds, negative if the server is behind; undefined if the reply has no time
 */
export function clockDifference(
  date: string | undefined,
  text: string,
  { sentAt, receivedAt }: Exchanged,
): number | undefined {
  const time = IMF_FIXDATE.test(date ?? '') ? Date.parse(date ?? '') : ownTime(text);
  // `Date` has whole seconds, and the fraction is unknown.
  return time === undefined || Number.isNaN(time) ? undefined : time + 500 - (sentAt + receivedAt) / 2;
}

function ownTime(text: string): number | undefined {
  const match = OWN_TIME.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day, hours, minutes, seconds] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hours, minutes, seconds);
}

/** What is wrong with this machine's clock, in a sentence; undefined if signatures are valid nevertheless. */
export const clockFault = (difference: number | undefined): string | undefined =>
  difference === undefined || Math.abs(difference) < TOLERATED_MS
    ? undefined
    : `this machine's clock is ${clockText(difference)} the endpoint's: set it, because a signature is valid for five minutes`;

/** In at most two units: `3 min 12 s behind`. */
export function clockText(difference: number): string {
  const seconds = Math.round(Math.abs(difference) / 1000);
  const counts = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const first = counts.findIndex((count) => count > 0);
  const shown = counts.map((count, index) => `${count} ${['d', 'h', 'min', 's'][index] ?? ''}`);
  return `${(first === -1 ? shown.slice(-1) : shown.slice(first, first + 2)).join(' ')} ${difference > 0 ? 'behind' : 'ahead of'}`;
}
