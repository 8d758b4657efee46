import { holdsKey, isPrintable, MAX_REASON_CHARACTERS } from '../../lambdas/core/contract/reason';
import { usageError } from '../io/cli-error';
import type { ValuesOf } from '../options';

/** Option of what changes keys. */
export const REASON = {
  reason: {
    type: 'string',
    shown: '--reason TEXT',
    help: `reason, for the audit log and the report of a rotation; 1 to ${MAX_REASON_CHARACTERS} printable characters, no secret`,
    otherwise: 'none',
  },
} as const;

/** The body of a call that has no other member: none where there is no reason. Throws as {@link reasonMember}. */
export const reasonBody = (options: ValuesOf<typeof REASON>): { readonly body?: { readonly reason?: string } } =>
  options.reason === undefined ? {} : { body: reasonMember(options) };

/**
 * The member of a request's body.
 *
 * @throws CliError which names the rule, never what was given
 */
export function reasonMember({ reason }: ValuesOf<typeof REASON>): { readonly reason?: string } {
  if (reason === undefined) return {};
  if (reason.length > MAX_REASON_CHARACTERS || !isPrintable(reason)) {
    throw usageError(`--reason: must be 1 to ${MAX_REASON_CHARACTERS} printable characters`);
  }
  if (holdsKey(reason)) throw usageError('--reason: must not hold an API key');
  return { reason };
}
