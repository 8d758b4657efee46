import type { JsonObject } from '../client/json-object';

/** What is known of the audit log's own proof, for the pack. */
export type Verification =
  /** No verification was made: nothing is claimed. */
  | { readonly state: 'not verified'; readonly why: string }
  /** Each log of the service was verified. */
  | {
      readonly state: 'verified' | 'does not hold';
      /** One row a log, as `audit verify --json` prints it. */
      readonly logs: readonly JsonObject[];
      /** The first failures; all findings that were listed are in the files. */
      readonly findings: readonly JsonObject[];
      /** The number of failures of all logs. */
      readonly failures: number;
    };
