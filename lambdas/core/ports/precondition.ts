/**
 * Precondition of a change: any revision (`If-Match: *`), one of these revisions (`If-Match`), none at all (`If-None-Match: *`),
 * or none of these revisions (`If-None-Match`). RFC 9110 section 13.1.
 */
export type Precondition =
  'exists' | 'absent' | { readonly one_of: readonly number[] } | { readonly none_of: readonly number[] };
