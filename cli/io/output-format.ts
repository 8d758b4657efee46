import type { Column } from './fit-columns';

/** How a reply is shown without `--json`. */
export type OutputFormat =
  | { readonly kind: 'line'; readonly member: string }
  | { readonly kind: 'secret'; readonly member: string }
  | {
      readonly kind: 'object';
      /** Names and values for a person, if they are not the reply's members. */
      readonly rows?: (reply: Readonly<Record<string, unknown>>) => readonly (readonly [string, unknown])[];
    }
  | { readonly kind: 'nothing' }
  | ListShown;

/** A list, page after page; `damaged` has the names of rows that cannot be shown. */
export interface ListShown {
  readonly kind: 'list';
  readonly member: string;
  /** The first column names a row; the one of rank 1 marks a damaged row. */
  readonly columns: readonly Column[];
  /** A row for a person, if its members are not the columns. */
  readonly inTable?: (row: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** The text for an empty list, if a heading alone is not enough. */
  readonly empty?: string;
}
