import type { RotationOperations } from '../dek-rotation/create-rotations';
import type { createApplication } from './create-application';

/** The use cases by the functions that serve them. Each throws KeywardError and nothing else on purpose. */
export type Application = ReturnType<typeof createApplication>;

/** What operators do with a provider's DEK, by the function that serves it. */
export type RotationsApplication = RotationOperations;
