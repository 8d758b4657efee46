import { MAX_KEY_VERSION, PROVIDER_PATTERN } from '../contract/names';
import { parseKeyVersion } from '../crypto/key-version';
import { invalidRequest, KeywardError } from '../errors/errors';

/** What stands in a path in the place of `{name}`. */
export interface PathParameter {
  /** What it names, in a line. */
  readonly description: string;
  /** As JSON Schema. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** @throws KeywardError where there can be nothing of this value */
  readonly check: (value: string, asked: { readonly method: string; readonly providers: readonly string[] }) => void;
}

export const NO_PROVIDER = 'there is no such provider';

/** Those that every area may have in its paths. */
export const STANDING_PARAMETERS = {
  provider: {
    description: 'One of the configured providers: whose keys these are.',
    schema: { type: 'string', pattern: PROVIDER_PATTERN.source, examples: ['openai'] },
    check: (value, { providers }) => {
      if (!providers.includes(value)) throw new KeywardError('provider_not_found', NO_PROVIDER);
    },
  },
  version: {
    description: 'The number of a version of the data key of the provider.',
    schema: { type: 'integer', minimum: 1, maximum: MAX_KEY_VERSION },
    check: (value) => {
      if (parseKeyVersion(value) === undefined) {
        throw invalidRequest('version: must be the number of a key version');
      }
    },
  },
} as const satisfies Readonly<Record<string, PathParameter>>;
