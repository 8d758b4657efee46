import type { JsonValue } from './canonical-json';
import { isRecord } from './record-checks';

/**
 * Applies a JSON merge patch (RFC 7396 section 2): members of the patch replace those of the target, `null` removes a member,
 * objects are merged, any other value is replaced as a whole. Neither argument is changed.
 *
 * @param patch strict JSON, so its depth is bounded and no member is named `__proto__`
 */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isRecord(patch)) return patch;
  const merged = new Map<string, JsonValue>(isRecord(target) ? Object.entries(target as Members) : []);
  for (const [name, value] of Object.entries(patch as Members)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

type Members = Readonly<Record<string, JsonValue>>;
