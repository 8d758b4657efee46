/** The constant input of the schedule of the sweep. */
export const SWEEP_EVENT = { keyward: 'sweep' } as const;

/** Properties of bootstrap's custom resource, with the previous ones on an update. */
export interface BootstrapProperties {
  readonly providers: readonly string[];
  readonly regions: readonly string[];
}
