/** The code of an error of the operating system or Node, such as `ENOENT`; `unknown` if it has none. */
export function systemCode(thrown: unknown): string {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : 'unknown';
}
