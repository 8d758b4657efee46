import { DEK_ROTATION_OPERATIONS } from '../core/dek-rotation/operations/dek-rotation-operations';
import { createHttpHandler } from '../core/http/http-handler';
import { KEK_MOVE_OPERATIONS } from '../core/kek-move/operations/kek-move-operations';
import { KEK_OPERATIONS } from '../core/kek-rotation/operations/kek-operations';
import { apiRuntime, composeRotations } from '../core/runtime/compose-api';

export const handler = createHttpHandler(
  { ...DEK_ROTATION_OPERATIONS, ...KEK_OPERATIONS, ...KEK_MOVE_OPERATIONS },
  apiRuntime(composeRotations),
);
