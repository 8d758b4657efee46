import * as z from 'zod/mini';
import { isKeyShaped } from '../../contract/key-shaped';
import { CREDENTIAL_NAME_PATTERN } from '../../contract/names';
import { OUTAGE_DETAILS } from '../../contract/problems';
import { KeywardError, invalidRequest } from '../../errors/errors';
import type { PathParameter } from '../../http/path-parameter';
import { entityTag } from '../../http/precondition';
import { flag } from '../../http/query-values';
import { CREDENTIAL_CONTENDED } from '../change-credential';
import { CREDENTIAL_DAMAGED, isCredentialName } from '../credential';
import { STATE_DEMANDED, type CredentialView } from '../credential-view';
import { checkNewName, NO_CREDENTIAL } from '../recorded-name';

export const consistent = z
  ._default(flag, false)
  .check(z.meta({ description: 'Whether the home region is asked: slower, and never behind.' }));

/** The longest key that is looked for as if it were a name. */
const MAX_KEY_IN_PATH = 512;

const isKeyInPath = (text: string): boolean =>
  text.length <= MAX_KEY_IN_PATH && /^[\x21-\x7e]+$/.test(text) && isKeyShaped(text);

export const name: PathParameter = {
  description: 'What the stored credential is called; compared to the letter.',
  schema: { type: 'string', pattern: CREDENTIAL_NAME_PATTERN.source, examples: ['default'] },
  check: (value, { method }) => {
    if (isCredentialName(value)) return;
    // A new one would get this name.
    if (method === 'PUT') {
      checkNewName(value);
      throw invalidRequest('name: must be the name of a credential');
    }
    // A key that is longer than names, as OpenAI's are, or has other characters: who looks for it finds nothing, which is recorded.
    if (!isKeyInPath(value)) throw new KeywardError('credential_not_found', NO_CREDENTIAL);
  },
};

/** Of calls that read one, and of those that change one. */
export const read = { credential_not_found: NO_CREDENTIAL, credential_damaged: CREDENTIAL_DAMAGED };
export const changed = {
  conflict: CREDENTIAL_CONTENDED,
  credential_damaged: CREDENTIAL_DAMAGED,
  outcome_unknown: OUTAGE_DETAILS.outcomeUnknown,
  precondition_failed: STATE_DEMANDED,
};

export const withTag = (status: number, body: CredentialView) => ({
  status,
  body,
  headers: { etag: entityTag(body.revision) },
});
