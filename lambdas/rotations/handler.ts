import { DEK_ROTATION_OPERATIONS } from '../core/dek-rotation/operations/dek-rotation-operations';
import { createHttpHandler } from '../core/http/http-handler';
import { apiRuntime, composeDekRotations } from '../core/runtime/compose-api';

export const handler = createHttpHandler(DEK_ROTATION_OPERATIONS, apiRuntime(composeDekRotations));
