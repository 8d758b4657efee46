import type { Edit } from './edit';

/** A frequent change, as a patch that finds its places by name. */
export interface Howto {
  /** The changed part, such as `an audit field`. */
  readonly name: string;
  /** The maximum number of product files that it may touch. */
  readonly atMost: number;
  /** The edits: the product first, then the documents and tests. */
  readonly edits: readonly Edit[];
  /** Programs that write a part of a document, each with that document's path. */
  readonly written?: readonly { readonly by: string; readonly file: string }[];
  /** The nearest test files. */
  readonly tests: readonly string[];
  /** A test that fails without the edits of the product: its path and its text. */
  readonly shows: { readonly file: string; readonly text: string; readonly uses?: readonly string[] };
}
