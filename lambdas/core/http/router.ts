import { ROTATION_ID_PATTERN } from '../contract/names';
import { isCredentialName } from '../credentials/credential';
import { invalidRequest, KeywardError } from '../errors/errors';
import { parseKeyVersion } from '../crypto/key-version';
import { ROUTES, type OperationId, type Route } from './routes';

/** Where a request goes. `allow` lists the methods that the path has, as the header `Allow` wants them. */
export type RouteMatch =
  | { readonly kind: 'route'; readonly operation: OperationId; readonly parameters: PathParameters }
  | { readonly kind: 'other_method'; readonly allow: string }
  | { readonly kind: 'none' };

export interface PathParameters {
  readonly provider?: string;
  readonly name?: string;
  readonly rotation_id?: string;
  readonly version?: string;
}

const PARAMETER = /^\{(provider|name|rotation_id|version)\}$/;
/** A segment that is empty, that goes up or stays, or that says something else once it is decoded. */
const FORBIDDEN_SEGMENT = /^$|^\.{1,2}$|%/;

/**
 * Finds the one of `operations` that a method and a path mean. The path is taken as it came: nothing is decoded,
 * resolved or repaired, because whoever granted access to a path (an IAM pattern such as `…/openai/*`) read it so too.
 *
 * @param path the raw path, without query
 */
export function matchRoute(operations: readonly OperationId[], method: string, path: string): RouteMatch {
  const segments = path.split('/');
  if (segments.shift() !== '' || segments.some((segment) => FORBIDDEN_SEGMENT.test(segment))) return { kind: 'none' };
  const methods: string[] = [];
  for (const operation of operations) {
    const route = ROUTES[operation];
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
 * @throws KeywardError `provider_not_found`, `credential_not_found`, `rotation_not_found`; `invalid_request` where a new
 *   credential would get a name that breaks the rule, and for a version that no keyset can have
 */
export function checkParameters(route: Route, parameters: PathParameters, providers: readonly string[]): void {
  const { provider, name, rotation_id: rotationId, version } = parameters;
  if (provider !== undefined && !providers.includes(provider)) {
    throw new KeywardError('provider_not_found', 'there is no such provider');
  }
  if (rotationId !== undefined && !ROTATION_ID_PATTERN.test(rotationId)) {
    throw new KeywardError('rotation_not_found', 'there is no rotation of this id');
  }
  if (version !== undefined && parseKeyVersion(version) === undefined) {
    throw invalidRequest('version: must be the number of a key version');
  }
  if (name === undefined || isCredentialName(name)) return;
  if (route.method === 'PUT') throw invalidRequest('name: must be the name of a credential');
  throw new KeywardError('credential_not_found', 'there is no such credential');
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
