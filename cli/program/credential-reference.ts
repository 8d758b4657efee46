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
 * @returns undefined where it is none; a provider that looks like a key is none either
 */
export function readReference(text: string): CredentialReference | undefined {
  const slash = text.indexOf('/');
  const [provider, name] = [text.slice(0, Math.max(0, slash)), text.slice(slash + 1)];
  if (!isProvider(provider) || isKeyShaped(provider) || !CREDENTIAL_NAME_PATTERN.test(name)) return undefined;
  return { provider, name };
}

/** As it is shown: a name that looks like a key may be one. */
export const shownReference = ({ provider, name }: CredentialReference): string =>
  `${provider}/${isKeyShaped(name) ? nameFingerprint(name) : name}`;

/** What a reference begins with in the file of an environment. */
export const REFERENCE_SCHEME = 'keyward://';
