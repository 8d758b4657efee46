import * as z from 'zod/mini';
import { nearestNames } from '../contract/nearest-name';
import { invalidRequest } from '../errors/errors';

/** Of so many unknown names it is told which ones they resemble; a body may have thousands. */
const MAX_COMPARED_NAMES = 8;

/**
 * Checks a value that came from a caller.
 *
 * @param whole what to call the value itself, where the fault is in no single member
 * @returns the value as the schema gives it
 * @throws KeywardError `invalid_request`; the message names the member and the rule, never a value and never a name
 *   that is not the schema's
 */
export function validate<S extends z.ZodMiniType>(schema: S, value: unknown, whole: 'body' | 'query'): z.output<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  // A name with a slip in it is also a member that is missing: what is unknown says more.
  const issue = result.error.issues.find(({ code }) => code === 'unrecognized_keys') ?? result.error.issues[0];
  throw invalidRequest(`${issue && placeOf(issue.path, schema, whole)}: ${issue && ruleOf(issue, schema, whole)}`);
}

/** Where a schema has members that the caller names, what lies below it is never spelled out. */
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

/** What a schema says of one of its members or items; undefined where it has none of this name, or the caller chooses it. */
export function memberOf(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  const def = presentDef(schema);
  if (def.type === 'object') return Object.hasOwn(def.shape, step) ? def.shape[String(step)] : undefined;
  return def.type === 'array' ? def.element : undefined;
}

/** What a schema is of a value that is there, before it is changed. */
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

/** The names that the object at a path has; none where the way to it is the caller's to name. */
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

/** Names of ours alone: an unknown name may be a key that was pasted in the wrong place. */
function suggestion(unknown: readonly string[], known: readonly string[]): string {
  const meant = unknown.slice(0, MAX_COMPARED_NAMES).flatMap((name) => nearestNames(name, known));
  return meant.length === 0 ? '' : `; did you mean ${[...new Set(meant)].join(' or ')}?`;
}

const isNumber = (origin: string): boolean => origin === 'number' || origin === 'int';
const unitOf = (origin: string): string => (origin === 'array' ? 'items' : 'characters');
