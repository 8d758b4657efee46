/** A period of time: both ends belong to it. */
export interface Period {
  /** ISO 8601 in UTC with milliseconds. */
  readonly from: string;
  readonly to: string;
}
