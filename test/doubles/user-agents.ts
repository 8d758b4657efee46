import { version } from '../../package.json';

/** Values of `User-Agent` in requests, and the value in the audit event, for served and refused requests. */
export const USER_AGENTS: readonly (readonly [sent: string, kept: string | null])[] = [
  [`keyward-cli/${version}`, `keyward-cli/${version}`],
  ['curl/8.10.1', 'curl/8.10.1'],
  ['Mozilla/5.0 (X11; Linux x86_64) "quoted" \\', 'Mozilla/5.0 (X11; Linux x86_64) "quoted" \\'],
  ['x'.repeat(256), 'x'.repeat(256)],
  ['x'.repeat(257), 'x'.repeat(256)],
  [`a${'\u0080'.repeat(255)}b`, 'a'],
  ['Gerät/1', 'Gerät/1'],
  ['a\u0085b\u00adc', 'abc'],
  ['a\tb', 'ab'],
  ['', null],
  ['   ', null],
];

/** The same for values that no HTTP server passes on: an event may hold them nevertheless. */
export const OTHER_USER_AGENTS: typeof USER_AGENTS = [
  [`a\r\n\u0000b\u202e${'x'.repeat(249)}\u{1f600}y`, `ab${'x'.repeat(249)}`],
  [' padded ', 'padded'],
  ['\ud800', null],
  ['a\u2028b\u2029c\u200bd\ufeff', 'abcd'],
];
