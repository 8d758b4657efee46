/**
 * What a change demands of what is there when it is made: anything at all (`If-Match: *`) or one of these revisions
 * (`If-Match`); nothing (`If-None-Match: *`) or none of these revisions (`If-None-Match`). RFC 9110 section 13.1.
 */
export type Precondition =
  'exists' | 'absent' | { readonly one_of: readonly number[] } | { readonly none_of: readonly number[] };
