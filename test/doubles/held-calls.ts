import { intercepted } from './intercepted';

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
    return intercepted(port, async (make) => {
      const index = this.count++;
      if (index === this.at) {
        this.note();
        await this.free;
      }
      return make();
    });
  }
}
