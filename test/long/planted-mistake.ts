/** A mistake in the product, and the tests that have to notice it. */
export interface PlantedMistake {
  /** Short description of the mistake. */
  readonly name: string;
  readonly file: string;
  /** Text that is in the file once; the shortest such text. */
  readonly right: string;
  readonly wrong: string;
  /** Test files: each must pass without the mistake, and one must fail with it. */
  readonly tests: readonly string[];
}
