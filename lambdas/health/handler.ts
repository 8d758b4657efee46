import { HEALTH_OPERATIONS } from '../core/health/operations/health-operations';
import { createHttpHandler } from '../core/http/http-handler';
import { apiRuntime, composeHealth } from '../core/runtime/compose-api';

export const handler = createHttpHandler(HEALTH_OPERATIONS, apiRuntime(composeHealth));
