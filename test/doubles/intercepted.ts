/** Makes a call; each time anew. */
export type MakeCall = () => Promise<unknown>;

/**
 * The port, with something around each of its calls.
 *
 * @param around makes the call, or does not; is told the name and the parameters
 */
export function intercepted<P extends object>(
  port: P,
  around: (make: MakeCall, name: string | symbol, parameters: readonly unknown[]) => Promise<unknown>,
): P {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]) =>
        around(async () => (await member.apply(target, parameters)) as unknown, name, parameters);
    },
  });
}
