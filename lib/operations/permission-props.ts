import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';

/** What the permissions of a function depend on. */
export interface PermissionProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
  /** The region that the function runs in. */
  readonly region: string;
}
