import * as z from 'zod/mini';
import { holdsKey, isPrintable, MAX_REASON_CHARACTERS } from '../../contract/reason';

/** A caller's reason for a request. */
export const reason = z.string().check(
  z.minLength(1),
  z.maxLength(MAX_REASON_CHARACTERS),
  z.refine(isPrintable, 'must have only printable characters'),
  z.refine((text) => !holdsKey(text), 'must not hold an API key'),
  z.meta({
    description:
      'Reason for the request. Everybody who may read the audit log or the report of the rotation can read it.',
  }),
);
