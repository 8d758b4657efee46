import type { Edit } from './edit';

/** A change that people make, as a patch that finds its places by name. */
export interface Howto {
  /** What is changed, such as `an audit field`. */
  readonly name: string;
  /** So many files of the product it may touch. */
  readonly atMost: number;
  /** What is edited: the product first, then the documents and tests that say the same. */
  readonly edits: readonly Edit[];
  /** Programs that write a part of a document anew, each with the file that it writes. */
  readonly written?: readonly { readonly by: string; readonly file: string }[];
  /** The test files that are nearest. */
  readonly tests: readonly string[];
  /** A test that fails without the edits of the product: where it stands, and its text. */
  readonly shows: { readonly file: string; readonly text: string; readonly uses?: readonly string[] };
}
