import { changePolicy, checkPolicy, type PolicyChange } from './dek-rotation';
import { parseKeyset } from '../keysets/dek-keyset';
import type { DekRotationPolicy } from '../keysets/keyset-record';
import { keysUnavailable } from '../errors/errors';
import type { KeysetReader } from '../keysets/ports/keyset-store';
import type { Caller } from '../ports/caller';
import type { KeysetWriter } from '../keysets/keyset-writer';

/** Shows a provider's policy in the home region. */
export const createShowPolicy =
  (deps: { keysets: KeysetReader }) =>
  async (provider: string): Promise<DekRotationPolicy> => {
    const value = await deps.keysets.get(provider);
    if (value === undefined) throw keysUnavailable('keyset_missing');
    return parseKeyset(value, provider).rotation_policy;
  };

/**
 * Sets a provider's policy; the next rotation is computed from the last one. The same policy again changes nothing.
 *
 * @throws KeywardError `invalid_request`, naming the member; as {@link KeysetWriter}
 */
export const createChangePolicy =
  (deps: { writer: KeysetWriter }) =>
  async (caller: Caller, { provider, ...change }: PolicyChange & { provider: string }): Promise<DekRotationPolicy> => {
    checkPolicy(change);
    const { record } = await deps.writer.change(caller, provider, (current, step) => {
      const [before, after] = [describePolicy(current.rotation_policy), describePolicy(change)];
      if (before === after) return undefined;
      return {
        next: changePolicy(current, change, step),
        event_type: 'config_change',
        operation: 'change_rotation_policy',
        metadata: { old_policy: before, new_policy: after },
      };
    });
    return record.rotation_policy;
  };

const describePolicy = ({ enabled, interval_days: interval, grace_period_days: grace }: PolicyChange): string =>
  `${enabled ? 'enabled' : 'disabled'}, every ${interval} days, grace ${grace} days`;
