import { CURRENT, PENDING } from '../contract/secret-stages';
import { KeywardError } from '../errors/errors';
import type { SecretVersion } from './ports/kek-secret-store';

/** The version that is AWSCURRENT; undefined if none is. */
export const currentOf = (versions: readonly SecretVersion[]): string | undefined =>
  versions.find(({ stages }) => stages.includes(CURRENT))?.versionId;

/** @throws KeywardError `conflict` if no version is current */
export function holderOfCurrent(versions: readonly SecretVersion[]): string {
  const current = currentOf(versions);
  if (current === undefined) throw new KeywardError('conflict', 'no version is AWSCURRENT');
  return current;
}

/** A current version is not pending: AWSPENDING may stay on it. */
const isPendingVersion = ({ stages }: SecretVersion): boolean => stages.includes(PENDING) && !stages.includes(CURRENT);

/** The version that is pending; undefined if none is. */
export const pendingOf = (versions: readonly SecretVersion[]): string | undefined =>
  versions.find(isPendingVersion)?.versionId;

/** Whether this version is pending. */
export const isPending = (versions: readonly SecretVersion[], token: string): boolean =>
  versions.some((version) => version.versionId === token && isPendingVersion(version));
