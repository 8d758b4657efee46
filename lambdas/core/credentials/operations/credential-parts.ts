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
  .check(z.meta({ description: 'Whether to read in the home region: slower, and never behind.' }));

/** The longest key that is looked up as if it were a name. */
const MAX_KEY_IN_PATH = 512;

const isKeyInPath = (text: string): boolean =>
  text.length <= MAX_KEY_IN_PATH && /^[\x21-\x7e]+$/.test(text) && isKeyShaped(text);

export const name: PathParameter = {
  description: 'Name of the stored credential; case-sensitive.',
  schema: { type: 'string', pattern: CREDENTIAL_NAME_PATTERN.source, examples: ['default'] },
  check: (value, { method }) => {
    if (isCredentialName(value)) return;
    // A PUT would create a credential of this name.
    if (method === 'PUT') {
      checkNewName(value);
      throw invalidRequest('name: is not a valid credential name');
    }
    // A key in place of a name, longer or with other characters than a name: it is looked up, not found, and that is recorded.
    if (!isKeyInPath(value)) throw new KeywardError('credential_not_found', NO_CREDENTIAL);
  },
};

/** Problems of calls that read a credential, and of calls that change one. */
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
