import { canonicalJson, type JsonValue } from '../../lambdas/core/crypto/canonical-json';
import { mergePatch } from '../../lambdas/core/crypto/merge-patch';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { holdsSecret, patchOfWords } from './metadata-patch';

type Members = Readonly<Record<string, JsonValue>>;

/** A longer command would not be pasted. */
const MOST_CHARACTERS = 400;

/**
 * The arguments and options of `credential metadata set` that restore the earlier metadata.
 *
 * @returns undefined if there are none: nothing changed, or the metadata has what no merge patch (`null`) or word can express, what
 *   looks like a key, or too much
 */
export function undoWords(after: JsonValue, before: JsonValue): readonly string[] | undefined {
  if (!isRecord(after) || !isRecord(before)) return undefined;
  const patch = patchBack(after, before);
  const members = Object.entries(patch);
  const words = members.flatMap(([name, value]) => (value === null ? [] : [wordOf(name, value)]));
  const unset = members.flatMap(([name, value]) => (value === null ? [name] : []));
  const all = [...words, ...unset.map((name) => `--unset=${name}`)];
  if (all.length === 0 || words.some((word) => word.startsWith('-')) || unset.includes('')) return undefined;
  if (holdsSecret(patch) || all.join(' ').length > MOST_CHARACTERS) return undefined;
  return isSame(mergePatch(after, patch), before) && isSame(readBack(words, unset), patch) ? all : undefined;
}

function patchBack(after: Members, before: Members): Members {
  const names = new Set([...Object.keys(after), ...Object.keys(before)]);
  const members = [...names].flatMap((name): [string, JsonValue][] => {
    const [now, then] = [memberOf(after, name), memberOf(before, name)];
    if (then === undefined) return [[name, null]];
    if (now !== undefined && isSame(now, then)) return [];
    return [[name, isRecord(now) && isRecord(then) ? patchBack(now, then) : then]];
  });
  return Object.fromEntries(members);
}

const memberOf = (members: Members, name: string): JsonValue | undefined =>
  Object.hasOwn(members, name) ? members[name] : undefined;

const wordOf = (name: string, value: JsonValue): string =>
  typeof value === 'string' ? `${name}=${value}` : `${name}:=${canonicalJson(value)}`;

/** A name may contain the character that ends a name. */
function readBack(words: readonly string[], unset: readonly string[]): JsonValue {
  try {
    return patchOfWords(words, unset);
  } catch {
    return null;
  }
}

const isSame = (a: JsonValue, b: JsonValue): boolean => canonicalJson(a) === canonicalJson(b);
