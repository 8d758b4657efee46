import { holdsKey, isPrintable, MAX_REASON_CHARACTERS } from '../../lambdas/core/contract/reason';
import { usageError } from '../io/cli-error';
import type { ValuesOf } from '../options';

/** Option of commands that change keys. */
export const REASON = {
  reason: {
    type: 'string',
    shown: '--reason TEXT',
    help: `reason, for the audit log and the report of a rotation; 1 to ${MAX_REASON_CHARACTERS} printable characters, no secret`,
    otherwise: 'none',
  },
} as const;

/** A body with the reason alone; none if no reason is given. Throws as {@link reasonMember}. */
export const reasonBody = (options: ValuesOf<typeof REASON>): { readonly body?: { readonly reason?: string } } =>
  options.reason === undefined ? {} : { body: reasonMember(options) };

/**
 * The reason as a body member.
 *
 * @throws CliError which names the rule, never the reason
 */
export function reasonMember({ reason }: ValuesOf<typeof REASON>): { readonly reason?: string } {
  if (reason === undefined) return {};
  if (reason.length > MAX_REASON_CHARACTERS || !isPrintable(reason)) {
    throw usageError(`--reason: must be 1 to ${MAX_REASON_CHARACTERS} printable characters`);
  }
  if (holdsKey(reason)) throw usageError('--reason: must not hold an API key');
  return { reason };
}
