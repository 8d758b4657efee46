import * as z from 'zod/mini';
import { holdsKey, isPrintable, MAX_REASON_CHARACTERS } from '../../contract/reason';

/** Why a caller asks for something, in his own words. */
export const reason = z.string().check(
  z.minLength(1),
  z.maxLength(MAX_REASON_CHARACTERS),
  z.refine(isPrintable, 'must have printable characters alone'),
  z.refine((text) => !holdsKey(text), 'must not hold an API key'),
  z.meta({
    description: 'Why. Kept in the audit log, and of a rotation in its report, for everybody who may read them.',
  }),
);
