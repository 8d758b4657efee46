import type { JsonObject } from '../client/json-object';
import { metadataOf } from './event-kind';

/** The value of a change before and after it, as far as the audit log has it: never a key, of which only revision or version is told. */
interface ChangeValues {
  readonly old: string | null;
  readonly new: string | null;
}

/** Members of an event's metadata that have the value before and after a change, and how both are told. */
const PAIRS: readonly (readonly [before: string, after: string, tell: (value: unknown) => string])[] = [
  ['old_policy', 'new_policy', String],
  ['old_regions', 'new_regions', String],
  ['old_providers', 'new_providers', String],
  ['from_home', 'to_home', String],
  ['dropped_kek_ids', 'kek_id', String],
  ['from_version', 'version', (value) => `version ${String(value)}`],
  ['previous_revision', 'revision', (value) => `revision ${String(value)}`],
];

/** The values of a change by its event. */
export function changeValues(event: JsonObject): ChangeValues {
  const told: JsonObject = { ...metadataOf(event), version: event['key_version'] };
  const pair = PAIRS.find(([before, after]) => isTold(told[before]) || (after !== 'version' && isTold(told[after])));
  if (pair === undefined)
    return { old: null, new: isTold(told['version']) ? `version ${String(told['version'])}` : null };
  const [before, after, tell] = pair;
  return { old: isTold(told[before]) ? tell(told[before]) : null, new: isTold(told[after]) ? tell(told[after]) : null };
}

const isTold = (value: unknown): boolean => value !== undefined && value !== null && value !== '';
