/** One line of a benchmark's table. */
export interface Row {
  readonly what: string;
  /** Median of the rounds, with its unit. */
  readonly measured: string;
  /** 10th to 90th percentile of the rounds, or what else says how sure the figure is. */
  readonly spread: string;
  readonly target?: string;
  readonly reached?: boolean;
  readonly note?: string;
}
