import { CREDENTIAL_FORMATS, type CredentialFormat } from '../../lambdas/core/contract/limits';
import { unfitnessOf } from '../../lambdas/core/credentials/value-rule';
import { usageError } from '../io/cli-error';
import { readPairs } from '../option-values';
import type { ValuesOf } from '../options';

/** Options about the stored value and its metadata. */
export const STORED = {
  format: {
    type: 'string',
    choices: CREDENTIAL_FORMATS,
    shown: `--format ${CREDENTIAL_FORMATS.join('|')}`,
    help: 'format of the value: a key of visible ASCII, a document (a JSON object, text with PEM blocks), or any text',
    otherwise: 'a key or document that does not look like a copying mistake',
  },
  metadata: {
    type: 'string',
    multiple: true,
    shown: '--metadata NAME=VALUE',
    help: 'metadata, stored readable beside the key; repeatable',
    otherwise: 'the existing metadata',
  },
  'no-metadata': { type: 'boolean', shown: '--no-metadata', help: 'remove the metadata' },
} as const;

type Stored = ValuesOf<typeof STORED>;

/**
 * The body of the call, without the key.
 *
 * @throws CliError if the options contradict each other
 */
export function storedBody({ format, metadata, 'no-metadata': none }: Stored): Readonly<Record<string, unknown>> {
  if (none === true && metadata !== undefined) {
    throw usageError('credential put: only one of --metadata and --no-metadata may be given');
  }
  const kept = none === true ? {} : metadata && readPairs('--metadata', metadata);
  return { ...(format !== undefined && { format }), ...(kept !== undefined && { metadata: kept }) };
}

/**
 * Checks a key by the API's rule before it is sent.
 *
 * @throws CliError which names the kind of fault and repeats nothing of the key
 */
export function checkStored(key: string, { format }: Stored): void {
  const unfit = unfitnessOf(key, format as CredentialFormat | undefined);
  if (unfit === undefined) return;
  const remedy = unfit.fits === undefined ? '' : `; if this is right, give --format ${unfit.fits}`;
  throw usageError(`the API key ${unfit.fault}; nothing was sent${remedy}`);
}
