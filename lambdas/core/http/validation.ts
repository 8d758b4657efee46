import * as z from 'zod/mini';
import { nearestNames } from '../contract/nearest-name';
import { invalidRequest } from '../errors/errors';

/** At most so many unknown names get a suggestion; a body may have thousands. */
const MAX_COMPARED_NAMES = 8;

/**
 * Checks a value from a caller.
 *
 * @param whole name of the value itself, for a fault that is in no single member
 * @returns the value as the schema gives it
 * @throws KeywardError `invalid_request`; the message names the member and the rule, never a value or a name that the schema
 *   lacks
 */
export function validate<S extends z.ZodMiniType>(schema: S, value: unknown, whole: 'body' | 'query'): z.output<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  // A mistyped name also gives a missing member: the unknown name tells more.
  const issue = result.error.issues.find(({ code }) => code === 'unrecognized_keys') ?? result.error.issues[0];
  throw invalidRequest(`${issue && placeOf(issue.path, schema, whole)}: ${issue && ruleOf(issue, schema, whole)}`);
}

/** Stops at a member whose names the caller chooses: nothing below it is shown. */
function placeOf(path: readonly PropertyKey[], schema: z.core.$ZodType, whole: string): string {
  let place = '';
  let at: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    at = memberOf(at, step);
    if (at === undefined) return `${place}.*`;
    if (typeof step === 'number') place += `[${step}]`;
    else place += place === '' ? String(step) : `.${String(step)}`;
  }
  return place === '' ? whole : place;
}

/** The schema of a member or item; undefined if there is none of this name or the caller chooses the names. */
export function memberOf(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  const def = presentDef(schema);
  if (def.type === 'object') return Object.hasOwn(def.shape, step) ? def.shape[String(step)] : undefined;
  return def.type === 'array' ? def.element : undefined;
}

/** The definition of a schema without its optional, nullable and transforming layers. */
function presentDef(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
      return presentDef(def.innerType);
    case 'pipe':
      return presentDef(def.in);
    default:
      return def;
  }
}

/** The names of the object at a path; none if the caller chooses a name on the way to it. */
function namesAt(path: readonly PropertyKey[], schema: z.core.$ZodType): readonly string[] {
  let at: z.core.$ZodType | undefined = schema;
  for (const step of path) at = at && memberOf(at, step);
  const def = at && presentDef(at);
  return def?.type === 'object' ? Object.keys(def.shape) : [];
}

const NOT_VALID = 'is not valid';
const TYPE_RULES: Readonly<Record<string, string>> = {
  array: 'must be an array',
  boolean: 'must be true or false',
  int: 'must be a whole number',
  number: 'must be a number',
  object: 'must be an object',
  record: 'must be an object',
  string: 'must be a string',
};

function ruleOf(issue: z.core.$ZodIssue, schema: z.core.$ZodType, whole: string): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_RULES[issue.expected] ?? NOT_VALID;
    case 'too_small':
      return isNumber(issue.origin) ? `must be at least ${String(issue.minimum)}` : 'must not be empty';
    case 'too_big':
      return isNumber(issue.origin)
        ? `must be at most ${String(issue.maximum)}`
        : `must have at most ${String(issue.maximum)} ${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `unknown ${whole === 'query' ? 'parameters' : 'members'} are not allowed${suggestion(issue.keys, namesAt(issue.path, schema))}`;
    case 'custom':
      return issue.message;
    default:
      return NOT_VALID;
  }
}

/** Suggests Keyward's names alone: an unknown name may be a key that was pasted in the wrong place. */
function suggestion(unknown: readonly string[], known: readonly string[]): string {
  const meant = unknown.slice(0, MAX_COMPARED_NAMES).flatMap((name) => nearestNames(name, known));
  return meant.length === 0 ? '' : `; did you mean ${[...new Set(meant)].join(' or ')}?`;
}

const isNumber = (origin: string): boolean => origin === 'number' || origin === 'int';
const unitOf = (origin: string): string => (origin === 'array' ? 'items' : 'characters');
