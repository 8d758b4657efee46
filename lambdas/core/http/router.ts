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
const FORBIDDEN = /\/\.{0,2}(?:\/|$)|%/;

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly segments: readonly Segment[];
}

type Segment = { readonly literal: string } | { readonly parameter: string };

/** By how many segments their paths have, in the order of the operations. */
type Routes = readonly (readonly Route[] | undefined)[];

const routes = new WeakMap<Operations, Routes>();

/**
 * Finds the operation of a method and a path. The path is not decoded, resolved or repaired, because IAM matches its patterns
 * (such as `…/openai/*`) with the raw path.
 *
 * @param operations read once: they must stay as they are
 * @param path the raw path, without query
 */
export function matchRoute<O extends Operations>(
  operations: O,
  method: string,
  path: string,
): RouteMatch<keyof O & string> {
  if (!path.startsWith('/') || FORBIDDEN.test(path)) return { kind: 'none' };
  const segments = path.split('/');
  let methods: string[] | undefined;
  for (const route of routesOf(operations)[segments.length - 1] ?? []) {
    if (!isOfRoute(route, segments)) continue;
    if (route.method === method) {
      return { kind: 'route', operation: route.operation, parameters: parametersOf(route, segments) };
    }
    (methods ??= []).push(route.method);
  }
  return methods === undefined ? { kind: 'none' } : { kind: 'other_method', allow: methods.sort().join(', ') };
}

function routesOf(operations: Operations): Routes {
  let known = routes.get(operations);
  if (known === undefined) {
    known = readRoutes(operations);
    routes.set(operations, known);
  }
  return known;
}

function readRoutes(operations: Operations): Routes {
  const byLength: Route[][] = [];
  for (const [operation, { method, path }] of Object.entries(operations)) {
    const segments = path
      .split('/')
      .slice(1)
      .map((text): Segment => {
        const parameter = PARAMETER.exec(text)?.[1];
        return parameter === undefined ? { literal: text } : { parameter };
      });
    (byLength[segments.length] ??= []).push({ operation, method, segments });
  }
  return byLength;
}

/** @param path with what stands before its first slash */
function isOfRoute({ segments }: Route, path: readonly string[]): boolean {
  for (let index = 0; index < segments.length; index += 1) {
    const segment = segments[index] as Segment;
    if ('literal' in segment && segment.literal !== path[index + 1]) return false;
  }
  return true;
}

function parametersOf({ segments }: Route, path: readonly string[]): PathParameters {
  const parameters: Record<string, string> = {};
  for (let index = 0; index < segments.length; index += 1) {
    const segment = segments[index] as Segment;
    if ('parameter' in segment) parameters[segment.parameter] = path[index + 1] as string;
  }
  return parameters;
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
  for (const name in parameters) {
    const parameter = known[name];
    if (parameter === undefined) throw new KeywardError('internal', `the parameter ${name} is declared nowhere`);
    parameter.check(parameters[name] ?? '', { method, providers });
  }
}
