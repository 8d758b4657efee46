import type { RotationOperations } from '../dek-rotation/create-rotations';
import type { DescribeVersion } from '../dek-rotation/describe-version';
import type { createApplication } from './create-application';

/** The use cases by the functions that serve them. Each throws KeywardError and nothing else on purpose. */
export type Application = ReturnType<typeof createApplication>;

/** What operators do with a provider's DEK, by the function that serves it. */
export interface RotationsApplication extends RotationOperations {
  readonly describeVersion: DescribeVersion;
}
