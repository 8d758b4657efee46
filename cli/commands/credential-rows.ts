import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { plain } from '../io/plain-text';
import type { JsonObject } from '../client/json-object';

/** Rows of name and value for a credential; of a previous value, its revision and expiry. */
export const credentialRows = ({ previous, ...rest }: JsonObject): readonly (readonly [string, unknown])[] => [
  ...Object.entries(rest),
  ...(isRecord(previous) ? [['previous', previousText(previous)] as const] : []),
];

const previousText = ({ revision, replaced_at, expires_at }: JsonObject): string =>
  `revision ${plain(revision)}, replaced ${plain(replaced_at)}, kept until ${plain(expires_at)}`;

/** Identifies the key by its end, as far as that may be shown. */
export const endingOf = (hint: unknown): string =>
  typeof hint === 'string' && hint !== '' ? ` that ends in ${plain(hint)}` : '';
