import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** "DynamoDB item sizes and formats" and "Global tables": what is charged as storage for each item beside its attributes. */
export const ITEM_OVERHEAD_BYTES = { index: 100, globalTable: 48 };

/**
 * An item as DynamoDB counts it (DynamoDB Developer Guide, "DynamoDB item sizes and formats"): names and texts in UTF-8, a number one
 * byte for two significant digits and one more, a Boolean one, a map or list three and one for each member.
 */
export const itemBytes = (item: Readonly<Record<string, AttributeValue>>): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

function valueBytes({ S, N, BOOL, M }: AttributeValue): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(N.replace(/^-|\.|0+$/g, '').length / 2) + 1;
  if (BOOL !== undefined) return 1;
  if (M !== undefined) return 3 + Object.keys(M).length + itemBytes(M);
  throw new Error('an attribute of a type that no event has');
}
