/** A mistake that somebody could make in the product, and the tests that are there to notice it. */
export interface PlantedMistake {
  /** What is wrong then, in a few words. */
  readonly name: string;
  readonly file: string;
  /** Text that stands in the file once; the shortest that does. */
  readonly right: string;
  readonly wrong: string;
  /** Test files, each of which must be green without it; one of them must fail with it. */
  readonly tests: readonly string[];
}
