/**
 * Whether EventBridge would match an event, as the EventBridge User Guide says ("Comparison operators for use in event
 * patterns") and its own matcher (aws/event-ruler) does: fields are anded, values ored, `$or` ors objects; of an array in the
 * event one member is enough; a field that is absent is matched by `exists: false` and by nothing else, `anything-but` among it.
 *
 * @throws Error at an operator that is not known here
 */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  return Object.entries(pattern as Record<string, unknown>).every(([field, wanted]) => {
    if (field === '$or') return (wanted as readonly unknown[]).some((each) => matchesPattern(each, event));
    const found = valuesOf(event, field);
    if (!Array.isArray(wanted))
      return found.length > 0 ? found.some((each) => matchesPattern(wanted, each)) : matchesPattern(wanted, {});
    const leaves = found.filter((each) => typeof each !== 'object' || each === null);
    return wanted.some((matcher) => matchesLeaf(matcher, leaves));
  });
}

function valuesOf(event: unknown, field: string): readonly unknown[] {
  if (Array.isArray(event)) return event.flatMap((each) => valuesOf(each, field));
  if (typeof event !== 'object' || event === null || !(field in event)) return [];
  const value = (event as Record<string, unknown>)[field];
  return Array.isArray(value) ? value : [value];
}

function matchesLeaf(matcher: unknown, leaves: readonly unknown[]): boolean {
  if (typeof matcher !== 'object' || matcher === null) return leaves.includes(matcher);
  const operators = Object.entries(matcher as Record<string, unknown>);
  if (operators.length !== 1) throw new Error(`one operator expected: ${JSON.stringify(matcher)}`);
  const [operator, operand] = operators[0]!;
  if (operator === 'exists') return leaves.length > 0 === operand;
  if (operator !== 'anything-but') return leaves.some((leaf) => matchesText(operator, operand, leaf));
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    return leaves.some((leaf) => !matchesLeaf(operand, [leaf]));
  }
  const refused: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  return leaves.some((leaf) => !refused.includes(leaf));
}

function matchesText(operator: string, operand: unknown, leaf: unknown): boolean {
  if (Array.isArray(operand)) return operand.some((each) => matchesText(operator, each, leaf));
  if (typeof operand !== 'string') throw new Error(`${operator} takes one text`);
  if (typeof leaf !== 'string') return false;
  switch (operator) {
    case 'prefix':
      return leaf.startsWith(operand);
    case 'suffix':
      return leaf.endsWith(operand);
    case 'wildcard': {
      const parts = operand.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
      return new RegExp(`^${parts.join('.*')}$`, 's').test(leaf);
    }
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}
