/** The functions behind the API, in every region. Each is `lambdas/<name>/handler.ts`. */
export const API_FUNCTIONS = [
  'encrypt',
  'decrypt',
  'rewrap',
  'credentials',
  'keys',
  'rotations',
  'audit',
  'health',
] as const;
/** The functions in every region that only other functions invoke. */
export const INNER_FUNCTIONS = ['prove-keyset'] as const;
/** The functions of the transparency log, in every region of a deployment that keeps one. */
export const LOG_FUNCTIONS = ['archive-events', 'publish-checkpoint'] as const;
/** The functions in every region that work on what the gateway logs. */
export const GATEWAY_FUNCTIONS = ['record-refusals'] as const;
/** The operations functions, in the home region alone. */
export const OPERATIONS_FUNCTIONS = ['rotate-kek', 'rewrap-deks', 'rotation-worker', 'sweep', 'bootstrap'] as const;

export type ApiFunction = (typeof API_FUNCTIONS)[number];

export type LogFunction = (typeof LOG_FUNCTIONS)[number];

export type FunctionName =
  | ApiFunction
  | (typeof INNER_FUNCTIONS)[number]
  | LogFunction
  | (typeof GATEWAY_FUNCTIONS)[number]
  | (typeof OPERATIONS_FUNCTIONS)[number];
