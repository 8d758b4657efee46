/**
 * Whether `text` matches `pattern`, in which `*` stands for any characters, also none and also `/` and `:`, and `?` for exactly
 * one. Only the last `*` is retried, so the time is bounded by the product of the two lengths for every pattern.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let retry = 0;
  while (t < text.length) {
    const expected = pattern[p];
    if (expected === '*') {
      star = p++;
      retry = t;
    } else if (expected === '?' || expected === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
