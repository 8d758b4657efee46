/** Numbers the outside calls of a process and holds one of them back, before it is made, until it is released. */
export class HeldCalls {
  count = 0;
  /** Resolves when the call is held. */
  readonly held: Promise<void>;
  private readonly free: Promise<void>;
  release: () => void = () => undefined;
  private note: () => void = () => undefined;

  constructor(private readonly at: number) {
    this.held = new Promise((resolve) => {
      this.note = resolve;
    });
    this.free = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  /** The port, with all its calls counted. */
  through<P extends object>(port: P): P {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...parameters: unknown[]) => {
          const index = this.count++;
          if (index === this.at) {
            this.note();
            await this.free;
          }
          return (await member.apply(target, parameters)) as unknown;
        };
      },
    });
  }
}
