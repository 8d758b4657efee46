import type { JsonValue } from './canonical-json';
import { isRecord } from './record-checks';

/**
 * A JSON merge patch applied (RFC 7396 section 2): members of the patch take the place of those of the target, `null` removes one,
 * objects are merged, anything else is replaced whole. Neither argument is changed.
 *
 * @param patch of strict JSON, so that its depth is bounded and no member is called `__proto__`
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
