import type { Column } from './fit-columns';

/** How a reply is shown without `--json`. */
export type OutputFormat =
  | { readonly kind: 'line'; readonly member: string }
  | { readonly kind: 'secret'; readonly member: string }
  | {
      readonly kind: 'object';
      /** Names and values for a person, where they are not the reply's members. */
      readonly rows?: (reply: Readonly<Record<string, unknown>>) => readonly (readonly [string, unknown])[];
    }
  | { readonly kind: 'nothing' }
  | ListShown;

/** A list, page after page; its `damaged` are first members of what cannot be shown. */
export interface ListShown {
  readonly kind: 'list';
  readonly member: string;
  /** The first one names a row; that of rank 1 says where one is damaged. */
  readonly columns: readonly Column[];
  /** A row as a person sees it, where its members are not what the columns show. */
  readonly inTable?: (row: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** What is said of a list that is empty, where a heading alone does not say it. */
  readonly empty?: string;
}
