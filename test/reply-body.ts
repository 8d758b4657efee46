/** A member of a reply of ours, and none that a tool looks for in whatever it is given. */
const MEMBER = /^[a-z]+(_[a-z0-9]+)*$/;
const LOOKED_FOR = new Set(['then', 'length', 'size']);

/**
 * The body of a reply. One that failed has no members but its own: a test that reads a token out of a 503 is told so, and does
 * not go on with the text "undefined".
 */
export function replyBody(status: number, body: Record<string, unknown>): Record<string, unknown> {
  if (status < 300) return body;
  return new Proxy(body, {
    get: (members, name) => {
      if (typeof name === 'string' && MEMBER.test(name) && !(name in members) && !LOOKED_FOR.has(name)) {
        throw new Error(`a reply of ${status} (${String(members['code'])}) has no ${name}`);
      }
      return Reflect.get(members, name) as unknown;
    },
  });
}

/**
 * The reply of a call that must not fail.
 *
 * @throws Error with the reply
 */
export function answered<R extends { readonly status: number; readonly body: Record<string, unknown> }>(reply: R): R {
  if (reply.status < 300) return reply;
  const { code, detail } = { code: undefined, detail: undefined, ...reply.body } as Record<string, unknown>;
  throw new Error(`a call was answered with ${reply.status} (${String(code)}): ${String(detail)}`);
}
