import type { Caller } from '../ports/caller';
import type { RotationOperations } from './create-rotations';
import type { RotationView } from './show-rotations';
import type { RotationCommand } from './start-rotation';

/** Rotation from code, under the name that the old design had. */
export interface RotationService {
  /**
   * Rotates a provider's DEK as `POST /v1/providers/{provider}/rotate` does. Where a rotation is running, that one is
   * returned.
   *
   * @returns the rotation as it stands; it goes on by itself
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
