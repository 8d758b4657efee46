import { CREDENTIAL_NAME_PATTERN, MAX_KEY_VERSION, DEK_ROTATION_ID_PATTERN } from '../../lambdas/core/contract/names';
import { recordedName } from '../../lambdas/core/credentials/recorded-name';
import { keptUserAgent } from '../../lambdas/core/contract/user-agent';
import type { Refusal } from '../../lambdas/core/refusals/refusal-event';
import { OPERATIONS } from '../../lambdas/core/runtime/operations';
import type { AskedRequest, Problem } from './asked-request';

/**
 * Describes a refused request for the audit event: a search of the log for a credential, a key version or a rotation finds
 * refusals, too. The sender may be anybody, so a name is recorded only if it is valid and does not look like a key; whether it
 * exists is not looked up.
 *
 * @param providers the configured ones
 */
export function describeRefusal(
  { request, requestId, sourceIp, match }: AskedRequest,
  { error }: Problem,
  reason: string,
  providers: readonly string[],
): Refusal {
  const route = match.kind === 'route' ? OPERATIONS[match.operation] : undefined;
  const {
    provider = '',
    name = '',
    version = '',
    rotation_id: rotation = '',
  } = match.kind === 'route' ? match.parameters : {};
  return {
    requestId,
    address: sourceIp,
    userAgent: keptUserAgent(request.headers['user-agent']),
    code: error.code,
    reason,
    operation: route && `${route.method} ${route.path}`,
    provider: providers.includes(provider) ? provider : null,
    keyVersion: VERSION.test(version) && Number(version) <= MAX_KEY_VERSION ? Number(version) : null,
    ...(CREDENTIAL_NAME_PATTERN.test(name) && { credential: recordedName(name) }),
    ...(DEK_ROTATION_ID_PATTERN.test(rotation) && { rotationId: rotation }),
  };
}

const VERSION = /^[1-9][0-9]{0,9}$/;
