import * as z from 'zod/mini';

/** A code in a reply. In the OpenAPI document it is an open enumeration; a reply is never cut because of one that is not in it. */
export const errorCode = z.string();
