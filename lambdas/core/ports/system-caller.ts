import type { Caller } from './caller';

/** The part of Keyward that acts, as the audit log names it. No ARN begins with this prefix. */
export type SystemUser = `keyward:${string}`;

/**
 * Keyward itself as the caller.
 *
 * @param requestId of the request that it serves, or an id to find its events by
 */
export const systemCaller = (user: SystemUser, requestId: string): Caller => ({
  user_id: user,
  ip_address: null,
  user_agent: null,
  request_id: requestId,
});
