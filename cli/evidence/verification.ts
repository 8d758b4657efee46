/** What is known of the audit log's own proof, for the pack. */
export type Verification =
  /** No verification was made: nothing is claimed. */
  { readonly state: 'not verified'; readonly why: string };

/** What this release of the command can say. */
export const NOT_VERIFIED: Verification = {
  state: 'not verified',
  why: 'this command does not check the transparency log',
};
