/** API Gateway's service name in signatures. */
export const API_SERVICE = 'execute-api';

/** The IAM action of every API call; a policy's resource says which call. */
export const INVOKE_ACTION = 'execute-api:Invoke';
