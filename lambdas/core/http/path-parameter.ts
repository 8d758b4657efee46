import { MAX_KEY_VERSION, PROVIDER_PATTERN } from '../contract/names';
import { parseKeyVersion } from '../crypto/key-version';
import { invalidRequest, KeywardError } from '../errors/errors';

/** A parameter of a path. */
export interface PathParameter {
  /** Its meaning, in one line. */
  readonly description: string;
  /** As JSON Schema. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** @throws KeywardError if the value is not valid */
  readonly check: (value: string, asked: { readonly method: string; readonly providers: readonly string[] }) => void;
}

export const NO_PROVIDER = 'there is no such provider';

/** Parameters that every area may use. */
export const STANDING_PARAMETERS = {
  provider: {
    description: 'A configured provider.',
    schema: { type: 'string', pattern: PROVIDER_PATTERN.source, examples: ['openai'] },
    check: (value, { providers }) => {
      if (!providers.includes(value)) throw new KeywardError('provider_not_found', NO_PROVIDER);
    },
  },
  version: {
    description: 'Number of a DEK version of the provider.',
    schema: { type: 'integer', minimum: 1, maximum: MAX_KEY_VERSION },
    check: (value) => {
      if (parseKeyVersion(value) === undefined) {
        throw invalidRequest('version: must be the number of a key version');
      }
    },
  },
} as const satisfies Readonly<Record<string, PathParameter>>;
