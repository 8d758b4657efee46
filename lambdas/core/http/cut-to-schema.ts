import type * as z from 'zod/mini';
import { KeywardError } from '../errors/errors';

/** What a schema lets through of a value, or undefined where the value is none of the schema's. */
type Cut = (value: unknown) => unknown;

const cuts = new WeakMap<z.core.$ZodType, Cut>();

/**
 * The value with the members that a reply's schema names and no others, at every level. Types give what the values are, so only their
 * kind is looked at (text, number, object, list), and no rule of the schema: that would cost several times as much. A schema is read once.
 *
 * @throws KeywardError `internal` where a member is missing or is of another kind
 */
export function cutToSchema(schema: z.core.$ZodType, value: unknown): unknown {
  const cut = cutOf(schema)(value);
  if (cut === undefined) throw new KeywardError('internal', 'an unexpected error occurred');
  return cut;
}

function cutOf(schema: z.core.$ZodType): Cut {
  let cut = cuts.get(schema);
  if (cut === undefined) {
    cut = compile(schema);
    cuts.set(schema, cut);
  }
  return cut;
}

const ofType =
  (type: 'string' | 'number' | 'boolean'): Cut =>
  (value) =>
    typeof value === type ? value : undefined;

function compile(schema: z.core.$ZodType): Cut {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
      return ofType(def.type);
    case 'literal':
    case 'enum': {
      const allowed = new Set<unknown>(def.type === 'literal' ? def.values : Object.values(def.entries));
      return (value) => (allowed.has(value) ? value : undefined);
    }
    case 'nullable': {
      const inner = cutOf(def.innerType);
      return (value) => (value === null ? null : inner(value));
    }
    case 'array':
      return cutItems(cutOf(def.element));
    case 'object':
      return cutMembers(def.shape);
    case 'union': {
      const options = def.options.map(cutOf);
      return (value) => firstOf(options, value);
    }
    // What stands under names that a caller has chosen is the caller's own.
    case 'record':
      return (value) => (typeof value === 'object' && value !== null ? value : undefined);
    default:
      throw new KeywardError('internal', `a reply has a schema of the kind ${def.type}`);
  }
}

function firstOf(options: readonly Cut[], value: unknown): unknown {
  for (const option of options) {
    const cut = option(value);
    if (cut !== undefined) return cut;
  }
  return undefined;
}

function cutItems(cutItem: Cut): Cut {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const items: unknown[] = [];
    for (const item of value) {
      const cut = cutItem(item);
      if (cut === undefined) return undefined;
      items.push(cut);
    }
    return items;
  };
}

function cutMembers(shape: z.core.$ZodShape): Cut {
  const members = Object.entries(shape).map(([name, schema]) => {
    const { def } = (schema as z.core.$ZodTypes)._zod;
    const isOptional = def.type === 'optional';
    return { name, isOptional, cut: cutOf(isOptional ? def.innerType : schema) };
  });
  return (value) => {
    if (typeof value !== 'object' || value === null) return undefined;
    const given = value as Readonly<Record<string, unknown>>;
    const kept: Record<string, unknown> = {};
    for (const { name, isOptional, cut } of members) {
      const member = given[name];
      if (member === undefined && isOptional) continue;
      const part = cut(member);
      if (part === undefined) return undefined;
      kept[name] = part;
    }
    return kept;
  };
}
