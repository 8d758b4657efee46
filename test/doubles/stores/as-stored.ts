/**
 * What a table gives back of what was put into it: a copy, without the members that are undefined, as from DynamoDB. Frozen, so
 * that one copy serves all who read it.
 */
export function asStored<V>(value: V): V {
  return frozen(JSON.parse(JSON.stringify(value)) as V);
}

function frozen<V>(value: V): V {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
