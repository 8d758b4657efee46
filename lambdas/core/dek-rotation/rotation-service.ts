import type { Caller } from '../ports/caller';
import type { RotationOperations } from './create-rotations';
import type { RotationView } from './show-rotations';
import type { RotationCommand } from './start-rotation';

/** Rotation from code, under its name in the old design. */
export interface RotationService {
  /**
   * Rotates a provider's DEK like `POST /v1/providers/{provider}/rotate`. Returns the running rotation if there is one.
   *
   * @returns the rotation, which continues by itself
   * @throws KeywardError as {@link RotationOperations.rotate}
   */
  rotateDEKForProvider(provider: string, options?: Partial<Omit<RotationCommand, 'provider'>>): Promise<RotationView>;
}

export const createRotationService = (deps: {
  rotations: Pick<RotationOperations, 'rotate' | 'describeRotation'>;
  caller: Caller;
}): RotationService => ({
  rotateDEKForProvider: async (provider, options = {}) => {
    const { rotation_id } = await deps.rotations.rotate(deps.caller, { emergency: false, ...options, provider });
    return deps.rotations.describeRotation({ provider, rotation_id });
  },
});
