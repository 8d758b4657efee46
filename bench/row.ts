/** One line of a benchmark's table. */
export interface Row {
  readonly what: string;
  /** Median of the rounds, with its unit. */
  readonly measured: string;
  /** 10th to 90th percentile of the rounds, or another measure of the figure's certainty. */
  readonly spread: string;
  readonly target?: string;
  readonly reached?: boolean;
  readonly note?: string;
}
