import * as z from 'zod/mini';

/** A code in a reply. The OpenAPI document has it as an open enumeration; a reply is not cut because of an unknown code. */
export const errorCode = z.string();
