/**
 * The stored form of a value: a copy without undefined members, as from DynamoDB. It is frozen, so that all readers share one
 * copy.
 */
export function asStored<V>(value: V): V {
  return frozen(JSON.parse(JSON.stringify(value)) as V);
}

function frozen<V>(value: V): V {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
