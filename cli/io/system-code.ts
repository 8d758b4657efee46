/** The code of what the operating system or Node has thrown, such as `ENOENT`; `unknown` where there is none. */
export function systemCode(thrown: unknown): string {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : 'unknown';
}
