/** HTTP methods of the API. */
export type ApiMethod = 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';

/** The service that a request is signed for, and the action that a policy allows (API Gateway's). */
export const API_SERVICE = 'execute-api';
export const INVOKE_ACTION = 'execute-api:Invoke';
