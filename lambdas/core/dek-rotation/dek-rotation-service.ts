import type { Caller } from '../ports/caller';
import type { DekRotationOperations } from './create-dek-rotations';
import type { DekRotationView } from './show-dek-rotations';
import type { DekRotationCommand } from './start-dek-rotation';

/** Rotation from code, under its name in the old design. */
export interface DekRotationService {
  /**
   * Rotates a provider's DEK like `POST /v1/providers/{provider}/rotate`. Returns the running rotation if there is one.
   *
   * @returns the rotation, which continues by itself
   * @throws KeywardError as {@link DekRotationOperations.rotate}
   */
  rotateDEKForProvider(
    provider: string,
    options?: Partial<Omit<DekRotationCommand, 'provider'>>,
  ): Promise<DekRotationView>;
}

export const createDekRotationService = (deps: {
  rotations: Pick<DekRotationOperations, 'rotate' | 'describeRotation'>;
  caller: Caller;
}): DekRotationService => ({
  rotateDEKForProvider: async (provider, options = {}) => {
    const { rotation_id } = await deps.rotations.rotate(deps.caller, { emergency: false, ...options, provider });
    return deps.rotations.describeRotation({ provider, rotation_id });
  },
});
