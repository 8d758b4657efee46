/** How a reply is shown without `--json`. */
export type Shown =
  | { readonly kind: 'line'; readonly member: string }
  | { readonly kind: 'secret'; readonly member: string }
  | {
      readonly kind: 'object';
      /** Names and values for a person, where they are not the reply's members. */
      readonly rows?: (reply: Readonly<Record<string, unknown>>) => readonly (readonly [string, unknown])[];
    }
  | { readonly kind: 'list'; readonly member: string; readonly columns: readonly string[] }
  | { readonly kind: 'nothing' };
