import { toKeywardError } from '../../lambdas/core/errors/errors';
import type { Caller } from '../../lambdas/core/ports/caller';
import type { DekRotationParts } from './role-parts';
import type { World } from './world';

/** Refusals after which an operator asks again. */
const TRY_AGAIN: ReadonlySet<string> = new Set([
  'audit_unavailable',
  'conflict',
  'keys_unavailable',
  'outcome_unknown',
  'store_unavailable',
]);
const PAUSE_MS = 5_000;
const MOST_TRIES = 8;

/** Operators, who repeat a request with the same Idempotency-Key until they get an answer. */
export class Operators {
  private requests = 0;

  constructor(private readonly world: World) {}

  /**
   * Runs an operation of one operator function.
   *
   * @param index the index of the function
   * @returns the answer; undefined if it was a refusal or never came
   */
  async ask<T>(
    index: number,
    what: string,
    work: (parts: DekRotationParts, caller: Caller) => Promise<T>,
  ): Promise<T | undefined> {
    const { functions, scheduler, violations } = this.world;
    const deployed = functions.rotations[index % functions.rotations.length]!;
    this.requests += 1;
    const caller: Caller = {
      user_id: 'arn:aws:iam::000000000000:role/operator',
      ip_address: '192.0.2.2',
      user_agent: null,
      request_id: `${what} ${this.requests}`,
    };
    for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
      const result = await deployed.run((parts) => work(parts, caller));
      functions.note(`operator: ${caller.request_id}`, result);
      if (result.kind === 'answered') return result.value;
      if (result.kind === 'threw') {
        const { code } = toKeywardError(result.error);
        violations.demand(
          code !== 'internal',
          'nothing fails unexpectedly',
          `${caller.request_id} ${String(result.error)}`,
        );
        if (!TRY_AGAIN.has(code)) return undefined;
      }
      await scheduler.sleep(PAUSE_MS);
    }
    return undefined;
  }

  rotate(index: number, provider: string, emergency: boolean): Promise<string | undefined> {
    const idempotency_key = `rotation ${(this.requests += 1)}`;
    return this.ask(
      index,
      `rotate ${provider}`,
      async ({ rotate }, caller) => (await rotate(caller, { provider, emergency, idempotency_key })).rotation_id,
    );
  }
}
