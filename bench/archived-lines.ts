/** Lines of an archive object: what an archiver collects before it writes. */
export const LINES_OF_OBJECT = 10_000;
export const START = Date.parse('2026-11-27T10:00:00.000Z');
const HOUR_MS = 3_600_000;

/** The lines of one object, in the form of archived decrypts. */
export function archivedLines(first: number, events: number): Buffer {
  const lines: string[] = [];
  for (let at = first; at < Math.min(first + LINES_OF_OBJECT, events); at += 1) {
    const time = START + Math.floor((at / events) * HOUR_MS);
    const random = Math.imul(at + 1, 0x9e37_79b1) >>> 0;
    const id =
      time.toString(16).padStart(12, '0') + at.toString(16).padStart(12, '0') + random.toString(16).padStart(8, '0');
    const nonce = `${at.toString(36).padStart(12, '0').padEnd(42, 'A')}A=`;
    lines.push(
      `{"id":"${id}","timestamp":"${new Date(time).toISOString()}","event_type":"decrypt","provider":"openai",` +
        '"user_id":"arn:aws:sts::123456789012:assumed-role/billing/worker","ip_address":"10.1.2.3",' +
        '"user_agent":"aws-sdk-js/3.1162.0 os/linux lang/js md/nodejs#20.20.2","success":true,"error_message":null,' +
        '"region":"us-east-1","request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","key_version":3,' +
        `"token_sha256":"${'0'.repeat(64)}","metadata":{"operation":"decrypt"},"nonce":"${nonce}"}\n`,
    );
  }
  return Buffer.from(lines.join(''), 'latin1');
}
