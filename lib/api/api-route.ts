import type { API_FUNCTIONS } from '../resource-names';

/** What the stacks need to know of one call of the API; the route table in lambdas/ fits it. */
export interface ApiRoute {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly function: (typeof API_FUNCTIONS)[number];
  readonly authenticated: boolean;
  readonly plaintext: boolean;
}
