import { ServiceError } from './service-error';

/**
 * What goes wrong with one call.
 * - `fail`: the error is answered and nothing is done.
 * - `throttle`: the same with the error of an exceeded request rate, which the SDK retries.
 * - `refuse`: the connection breaks before anything is done.
 * - `drop_answer`: the call is carried out, and the connection breaks before its answer.
 * - `delay`: the call is carried out after `ms` milliseconds.
 * - `hang`: no answer ever; the call is not carried out.
 */
export type FaultEffect =
  | { readonly kind: 'fail'; readonly name: string; readonly status?: number; readonly message?: string }
  | { readonly kind: 'throttle' | 'refuse' | 'drop_answer' | 'hang' }
  | { readonly kind: 'delay'; readonly ms: number };

/** Which calls a fault meets: all that match what is given, from the first after `skip`, `times` of them. */
export interface Fault {
  readonly effect: FaultEffect;
  readonly operation?: string;
  readonly region?: string;
  readonly skip?: number;
  /** Default: every one. */
  readonly times?: number;
}

interface ArmedFault {
  readonly fault: Fault;
  met: number;
}

/** Faults that a test has planted. The first that matches a call decides. */
export class Faults {
  private armed: ArmedFault[] = [];

  plant(fault: Fault): void {
    this.armed.push({ fault, met: 0 });
  }

  clear(): void {
    this.armed = [];
  }

  /** What this call meets, if anything. Each call is to be asked about once. */
  next(operation: string, region: string): FaultEffect | undefined {
    for (const armed of this.armed) {
      const { fault } = armed;
      if ((fault.operation ?? operation) !== operation || (fault.region ?? region) !== region) continue;
      const index = armed.met++ - (fault.skip ?? 0);
      if (index >= 0 && index < (fault.times ?? Infinity)) return fault.effect;
    }
    return undefined;
  }
}

/** The answer in place of the call's own, where the effect is one. */
export function errorOf(effect: FaultEffect | undefined): ServiceError | undefined {
  switch (effect?.kind) {
    case 'fail':
      return new ServiceError(effect.name, effect.message ?? 'injected fault', effect.status);
    case 'throttle':
      // "Secrets Manager throttles the request. It rejects an otherwise valid request and returns a throttling error."
      // https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
      return new ServiceError('ThrottlingException', 'Rate exceeded');
    default:
      return undefined;
  }
}
