/** The constant input of the schedule of the sweep. */
export const SWEEP_EVENT = { keyward: 'sweep' } as const;

/** What a deployment tells bootstrap of itself as a custom resource's properties; of those before it bootstrap learns what is new. */
export interface BootstrapProperties {
  readonly providers: readonly string[];
  readonly regions: readonly string[];
}
