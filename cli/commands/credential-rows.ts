import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { plain } from '../io/plain-text';
import type { JsonObject } from '../client/json-object';

/** A credential in rows of a name and a value, for a person: of the previous value, which it is and until when it is kept. */
export const credentialRows = ({ previous, ...rest }: JsonObject): readonly (readonly [string, unknown])[] => [
  ...Object.entries(rest),
  ...(isRecord(previous) ? [['previous', previousText(previous)] as const] : []),
];

const previousText = ({ revision, replaced_at, expires_at }: JsonObject): string =>
  `revision ${plain(revision)}, replaced ${plain(replaced_at)}, kept until ${plain(expires_at)}`;

/** Which key is meant, as far as its end may be shown. */
export const endingOf = (hint: unknown): string =>
  typeof hint === 'string' && hint !== '' ? ` that ends in ${plain(hint)}` : '';
