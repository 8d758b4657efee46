import { CREDENTIAL_OPERATIONS } from '../core/credentials/operations/credential-operations';
import { createHttpHandler } from '../core/http/http-handler';
import { apiRuntime, composeCredentials } from '../core/runtime/compose-api';

export const handler = createHttpHandler(CREDENTIAL_OPERATIONS, apiRuntime(composeCredentials));
