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

/** The calls that a fault affects: `times` of the matching calls, after the first `skip`. */
export interface Fault {
  readonly effect: FaultEffect;
  readonly operation?: string;
  readonly region?: string;
  readonly skip?: number;
  /** Default: all. */
  readonly times?: number;
}

interface ArmedFault {
  readonly fault: Fault;
  met: number;
}

/** Faults that a test has injected. The first that matches a call decides. */
export class Faults {
  private armed: ArmedFault[] = [];

  plant(fault: Fault): void {
    this.armed.push({ fault, met: 0 });
  }

  clear(): void {
    this.armed = [];
  }

  /** The fault of this call, if any. It must be called once per call. */
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

/** The answer that replaces the call's own, for effects with one. */
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
