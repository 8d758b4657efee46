/**
 * One small edit, which finds its place by name and not by where that stands: `place` is a declaration and what is in it, such as
 * `DEFAULTS.providers`. Where several files declare the name, or it is in a test, the file is before a `#`.
 *
 * In an object, an interface, a class or a call that takes one, a step is a member's name; in a list, what the `name`, `id` or `words`
 * of an element is; in a function, what a variable is called.
 */
export type Edit =
  /** Adds a member, element, alternative or statement after the last one. */
  | { readonly place: string; readonly append: string; readonly uses?: readonly string[] }
  /** Adds a statement before the first one. */
  | { readonly place: string; readonly begin: string; readonly uses?: readonly string[] }
  /** Replaces the value, type or body. */
  | { readonly place: string; readonly replace: string; readonly uses?: readonly string[] }
  /** Replaces a text that is in the place once. */
  | { readonly place: string; readonly words: string; readonly by: string; readonly uses?: readonly string[] }
  /** Adds a line to a document after the line with this beginning. */
  | { readonly file: string; readonly behind: string; readonly line: string }
  /** Replaces a text that is in a document once. */
  | { readonly file: string; readonly words: string; readonly by: string }
  /** Replaces a value in JSON, found by its members' names, by one made from it. */
  | { readonly file: string; readonly json: readonly string[]; readonly value: (old: unknown) => unknown }
  /** Adds a file. `uses` are imported. */
  | { readonly file: string; readonly text: string; readonly uses?: readonly string[] };

/** The edited tree: the contents of a file (undefined: it does not exist), and the list of files. */
export interface Tree {
  readonly files: readonly string[];
  readonly read: (file: string) => string | undefined;
}
