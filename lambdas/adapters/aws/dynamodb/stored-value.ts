import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { exactNumber } from '../../../core/crypto/exact-number';
import { isRecord } from '../../../core/crypto/record-checks';

/**
 * What a table can hold and JSON cannot: binary, sets, a number that no double holds, a map with a member `__proto__`. No
 * check of a record takes it for a value of any type, and canonical JSON refuses it; written again, it is as it was.
 */
export class NotJson {
  constructor(readonly stored: AttributeValue) {}
}

export type StoredItem = Record<string, AttributeValue>;

/**
 * An item as the JSON that it was written from, exactly, because MACs cover it: nothing is rounded, and nothing vanishes. The
 * SDK's own conversion sets a prototype where a member is called `__proto__`, and drops it where that is no map.
 *
 * @returns a plain object; or {@link NotJson} where the item itself has a member `__proto__`
 */
export const fromItem = (item: StoredItem): unknown => fromMap(item);

function fromMap(map: StoredItem): unknown {
  // The SDK builds an item member by member, so that this member becomes its prototype; a map inside comes as JSON.parse gives it.
  if (Object.getPrototypeOf(map) !== Object.prototype || Object.hasOwn(map, '__proto__')) {
    return new NotJson({ M: map });
  }
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, fromAttribute(value)]));
}

function fromAttribute(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S.isWellFormed() ? value.S : new NotJson(value);
  if (value.N !== undefined) return exactNumber(value.N) ?? new NotJson(value);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.L !== undefined) return value.L.map(fromAttribute);
  return value.M === undefined ? new NotJson(value) : fromMap(value.M);
}

/**
 * The item that {@link fromItem} reads as `record`. Members that are undefined are left out, as from canonical JSON.
 *
 * @throws TypeError on what is neither JSON nor was read from a table
 */
export const toItem = (record: object): StoredItem =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, toAttribute(value)]),
  );

export function toAttribute(value: unknown): AttributeValue {
  if (value === null) return { NULL: true };
  if (value instanceof NotJson) return value.stored;
  if (Array.isArray(value)) return { L: value.map(toAttribute) };
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: toDigits(value) };
    case 'boolean':
      return { BOOL: value };
    case 'object':
      return { M: toItem(value) };
    default:
      throw new TypeError('value cannot be stored');
  }
}

function toDigits(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('number cannot be stored');
  return String(value);
}

/** What the table holds of a value that {@link fromItem} gave. */
export function attributesOf(value: unknown): StoredItem {
  if (value instanceof NotJson) return value.stored.M ?? {};
  return isRecord(value) ? toItem(value) : {};
}

/** A text of an item's key, which is there whatever became of the rest. */
export const keyOf = (value: unknown, name: string): string =>
  String(isRecord(value) ? value[name] : attributesOf(value)[name]?.S);
