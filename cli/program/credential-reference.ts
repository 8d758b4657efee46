import { isKeyShaped } from '../../lambdas/core/contract/key-shaped';
import { CREDENTIAL_NAME_PATTERN } from '../../lambdas/core/contract/names';
import { nameFingerprint } from '../../lambdas/core/crypto/name-fingerprint';
import { isProvider } from '../../lambdas/core/crypto/provider';

/** A stored credential, by its two names. */
export interface CredentialReference {
  readonly provider: string;
  readonly name: string;
}

/**
 * Reads `provider/name`.
 *
 * @returns undefined if it is not valid, also if the provider looks like a key
 */
export function readReference(text: string): CredentialReference | undefined {
  const slash = text.indexOf('/');
  const [provider, name] = [text.slice(0, Math.max(0, slash)), text.slice(slash + 1)];
  if (!isProvider(provider) || isKeyShaped(provider) || !CREDENTIAL_NAME_PATTERN.test(name)) return undefined;
  return { provider, name };
}

/** For output: a name that looks like a key may be one. */
export const shownReference = ({ provider, name }: CredentialReference): string =>
  `${provider}/${isKeyShaped(name) ? nameFingerprint(name) : name}`;

/** The beginning of a reference in an environment file. */
export const REFERENCE_SCHEME = 'keyward://';
