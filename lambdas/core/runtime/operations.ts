import { AUDIT_OPERATIONS, AUDIT_REPLIES } from '../audit/operations/audit-operations';
import { EVIDENCE_REQUESTS } from '../audit/operations/evidence-operations';
import { CREDENTIAL_OPERATIONS } from '../credentials/operations/credential-operations';
import { CREDENTIAL_REPLIES, CREDENTIAL_REQUESTS } from '../credentials/operations/credential-schemas';
import {
  DEK_ROTATION_OPERATIONS,
  DEK_ROTATION_REPLIES,
  DEK_ROTATION_REQUESTS,
} from '../dek-rotation/operations/dek-rotation-operations';
import { HEALTH_OPERATIONS, HEALTH_REPLIES } from '../health/operations/health-operations';
import type { Operations } from '../http/operation';
import { describeApi, type DescribedApi } from '../http/openapi';
import { KEK_MOVE_OPERATIONS, KEK_MOVE_REPLIES, KEK_MOVE_REQUESTS } from '../kek-move/operations/kek-move-operations';
import { KEK_OPERATIONS, KEK_REPLIES } from '../kek-rotation/operations/kek-operations';
import { KEYSET_OPERATIONS, KEYSET_REPLIES } from '../keysets/operations/keyset-operations';
import { DECRYPT_OPERATIONS } from '../tokens/operations/decrypt-operations';
import { ENCRYPT_OPERATIONS } from '../tokens/operations/encrypt-operations';
import { REWRAP_OPERATIONS } from '../tokens/operations/rewrap-operations';
import { TOKEN_REPLIES, TOKEN_REQUESTS } from '../tokens/operations/token-schemas';
import { LOG_OPERATIONS } from '../transparency/operations/log-operations';
import { LOG_REPLIES, LOG_REQUESTS } from '../transparency/operations/log-schemas';

/** Every operation of the API by its id. A handler imports only the operations of its function. */
export const OPERATIONS = {
  ...ENCRYPT_OPERATIONS,
  ...DECRYPT_OPERATIONS,
  ...REWRAP_OPERATIONS,
  ...CREDENTIAL_OPERATIONS,
  ...KEYSET_OPERATIONS,
  ...DEK_ROTATION_OPERATIONS,
  ...KEK_OPERATIONS,
  ...KEK_MOVE_OPERATIONS,
  ...AUDIT_OPERATIONS,
  ...LOG_OPERATIONS,
  ...HEALTH_OPERATIONS,
} satisfies Operations;

export type OperationId = keyof typeof OPERATIONS;

export const OPERATION_IDS = Object.keys(OPERATIONS) as OperationId[];

const API: DescribedApi = {
  operations: OPERATIONS,
  requests: {
    ...TOKEN_REQUESTS,
    ...CREDENTIAL_REQUESTS,
    ...DEK_ROTATION_REQUESTS,
    ...KEK_MOVE_REQUESTS,
    ...EVIDENCE_REQUESTS,
    ...LOG_REQUESTS,
  },
  replies: {
    ...TOKEN_REPLIES,
    ...CREDENTIAL_REPLIES,
    ...KEYSET_REPLIES,
    ...DEK_ROTATION_REPLIES,
    ...KEK_REPLIES,
    ...KEK_MOVE_REPLIES,
    ...AUDIT_REPLIES,
    ...LOG_REPLIES,
    ...HEALTH_REPLIES,
  },
};

/**
 * The OpenAPI 3.1 document of the API.
 *
 * @param version of Keyward
 * @param license SPDX expression; left out: no licence is granted
 */
export const openApiDocument = (version: string, license?: string) => describeApi(API, version, license);
