import { KeywardError } from '../errors/errors';
import type { Operation, Operations } from './operation';

/** Where a request goes. `allow` lists the methods that the path has, as the header `Allow` wants them. */
export type RouteMatch<Id extends string = string> =
  | { readonly kind: 'route'; readonly operation: Id; readonly parameters: PathParameters }
  | { readonly kind: 'other_method'; readonly allow: string }
  | { readonly kind: 'none' };

type PathParameters = Readonly<Record<string, string>>;

const PARAMETER = /^\{([a-z_]+)\}$/;
/** A segment that is empty, that goes up or stays, or that says something else once it is decoded. */
const FORBIDDEN_SEGMENT = /^$|^\.{1,2}$|%/;

/**
 * Finds the one of `operations` that a method and a path mean. The path is taken as it came: nothing is decoded,
 * resolved or repaired, because whoever granted access to a path (an IAM pattern such as `…/openai/*`) read it so too.
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
 * Checks what stands in the path's parameters.
 *
 * @throws KeywardError as each of them says
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
