import { AUDIT_OPERATIONS } from '../core/audit/operations/audit-operations';
import { createHttpHandler } from '../core/http/http-handler';
import { LOG_OPERATIONS } from '../core/transparency/operations/log-operations';
import { apiRuntime, composeAudit } from '../core/runtime/compose-api';

export const handler = createHttpHandler({ ...AUDIT_OPERATIONS, ...LOG_OPERATIONS }, apiRuntime(composeAudit));
