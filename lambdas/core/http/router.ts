import { KeywardError } from '../errors/errors';
import type { Operation, Operations } from './operation';

/** The target of a request. `allow` lists the methods of the path, in the form of the header `Allow`. */
export type RouteMatch<Id extends string = string> =
  | { readonly kind: 'route'; readonly operation: Id; readonly parameters: PathParameters }
  | { readonly kind: 'other_method'; readonly allow: string }
  | { readonly kind: 'none' };

type PathParameters = Readonly<Record<string, string>>;

const PARAMETER = /^\{([a-z_]+)\}$/;
/** An empty segment, a dot segment, or one that would change when decoded. */
const FORBIDDEN_SEGMENT = /^$|^\.{1,2}$|%/;

/**
 * Finds the operation of a method and a path. The path is not decoded, resolved or repaired, because IAM matches its patterns
 * (such as `…/openai/*`) with the raw path.
 *
 * @param path the raw path, without query
 */
export function matchRoute<O extends Operations>(
  operations: O,
  method: string,
  path: string,
): RouteMatch<keyof O & string> {
  const segments = path.split('/');
  if (segments.shift() !== '' || segments.some((segment) => FORBIDDEN_SEGMENT.test(segment))) return { kind: 'none' };
  const methods: string[] = [];
  for (const [operation, route] of Object.entries(operations)) {
    const parameters = matchPath(route.path, segments);
    if (parameters === undefined) continue;
    if (route.method === method) return { kind: 'route', operation, parameters };
    methods.push(route.method);
  }
  return methods.length === 0 ? { kind: 'none' } : { kind: 'other_method', allow: methods.sort().join(', ') };
}

/**
 * Checks the parameters of the path.
 *
 * @throws KeywardError as the check of each parameter
 */
export function checkParameters(
  { method, parameters: known }: Operation,
  parameters: PathParameters,
  providers: readonly string[],
): void {
  for (const [name, value] of Object.entries(parameters)) {
    const parameter = known[name];
    if (parameter === undefined) throw new KeywardError('internal', `the parameter ${name} is declared nowhere`);
    parameter.check(value, { method, providers });
  }
}

function matchPath(template: string, segments: readonly string[]): PathParameters | undefined {
  const expected = template.split('/').slice(1);
  if (expected.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const parameter = PARAMETER.exec(expected[index] ?? '')?.[1];
    if (parameter !== undefined) parameters[parameter] = segment;
    else if (segment !== expected[index]) return undefined;
  }
  return parameters;
}
