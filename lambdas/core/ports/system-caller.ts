import type { Caller } from './caller';

/** Keyward itself, as the audit log names it: which part of it. No ARN begins so. */
export type SystemUser = `keyward:${string}`;

/**
 * Keyward as the one who asks.
 *
 * @param requestId what it was asked by, or under which its events are found
 */
export const systemCaller = (user: SystemUser, requestId: string): Caller => ({
  user_id: user,
  ip_address: null,
  user_agent: null,
  request_id: requestId,
});
