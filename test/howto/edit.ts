/**
 * One small edit, which finds its place by name and not by where that stands: `place` is a declaration and what is in it, such as
 * `DEFAULTS.providers`. Where several files declare the name, or it is in a test, the file is before a `#`.
 *
 * In an object, an interface, a class or a call that takes one, a step is a member's name; in a list, what the `name`, `id` or `words`
 * of an element is; in a function, what a variable is called.
 */
export type Edit =
  /** Another member, element, alternative or statement, behind the last one. */
  | { readonly place: string; readonly append: string; readonly uses?: readonly string[] }
  /** Another statement, before the first one. */
  | { readonly place: string; readonly begin: string; readonly uses?: readonly string[] }
  /** Another value, type or body. */
  | { readonly place: string; readonly replace: string; readonly uses?: readonly string[] }
  /** Other words in the place: a text that is there once. */
  | { readonly place: string; readonly words: string; readonly by: string; readonly uses?: readonly string[] }
  /** A line of a document behind the one that begins so. */
  | { readonly file: string; readonly behind: string; readonly line: string }
  /** Other words in a document, that are there once. */
  | { readonly file: string; readonly words: string; readonly by: string }
  /** Another value in JSON, by its members' names, made of the one that is there. */
  | { readonly file: string; readonly json: readonly string[]; readonly value: (old: unknown) => unknown }
  /** A file that was not there. `uses` are imported. */
  | { readonly file: string; readonly text: string; readonly uses?: readonly string[] };

/** The tree that is edited: what stands in a file (undefined: it is not there), and which files there are. */
export interface Tree {
  readonly files: readonly string[];
  readonly read: (file: string) => string | undefined;
}
