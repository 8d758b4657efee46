/** The constant input of the schedule of the sweep. */
export const SWEEP_EVENT = { keyward: 'sweep' } as const;

/** The constant input of the schedule of publish-checkpoint. */
export const PUBLISH_EVENT = { keyward: 'publish-checkpoint' } as const;

/** The constant message of the schedule of the reconciliation. */
export const BEGIN_RECONCILIATION = { kind: 'begin' } as const;

/** Properties of bootstrap's custom resource, with the previous ones on an update. */
export interface BootstrapProperties {
  readonly providers: readonly string[];
  readonly regions: readonly string[];
}

/**
 * Requests a rotation of the KEK from `rotate-kek`, where no Secrets Manager drives it.
 *
 * @param begin false: only a rotation that is pending is resumed
 */
export const rotateKekRequest = (begin: boolean) => ({ keyward: 'rotate-kek', begin }) as const;

/** Has `rotate-kek` go on with a move of the KEK, if one is being copied. */
export const MOVE_KEK_REQUEST = { keyward: 'rotate-kek', move: true } as const;

/** Asks a region's `prove-keyset` which home of the KEK it reads. */
export const KEK_HOME_REQUEST = { keyward: 'kek-home' } as const;

/** Asks a region's `prove-keyset` which version of the KEK secret it reads. */
export const KEK_VERSION_REQUEST = { keyward: 'kek-version' } as const;
