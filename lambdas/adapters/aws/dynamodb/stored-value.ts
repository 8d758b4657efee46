import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { exactNumber } from '../../../core/crypto/exact-number';
import { isRecord } from '../../../core/crypto/record-checks';

/**
 * A value that a table can hold and JSON cannot: binary, a set, a number that no double holds, a map with a member `__proto__`.
 * No check of a record accepts it as any type, and canonical JSON refuses it; it can be written back unchanged.
 */
export class NotJson {
  constructor(readonly stored: AttributeValue) {}
}

export type StoredItem = Record<string, AttributeValue>;

/**
 * Reads an item as exactly the JSON that was written, because MACs cover it: nothing is rounded or lost. The SDK's own conversion
 * turns a member `__proto__` into a prototype, or drops it if it is not a map.
 *
 * @returns a plain object, or {@link NotJson} if the item itself has a member `__proto__`
 */
export const fromItem = (item: StoredItem): unknown => fromMap(item);

function fromMap(map: StoredItem): unknown {
  // The SDK builds an item member by member, so this member becomes its prototype; an inner map is a result of JSON.parse.
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
 * Makes the item that {@link fromItem} reads as `record`. Undefined members are left out, as in canonical JSON.
 *
 * @throws TypeError for a value that is neither JSON nor was read from a table
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

/** The attributes of a value that {@link fromItem} returned. */
export function attributesOf(value: unknown): StoredItem {
  if (value instanceof NotJson) return value.stored.M ?? {};
  return isRecord(value) ? toItem(value) : {};
}

/** A text of an item's key, which is always present. */
export const keyOf = (value: unknown, name: string): string =>
  String(isRecord(value) ? value[name] : attributesOf(value)[name]?.S);
