import { relative, isAbsolute } from 'node:path';
import type { KeysetStatus } from '../lambdas/core/usecases/ensure-keysets';

export interface FirstScreenFacts {
  readonly url: string;
  /** Absolute path of the data directory. */
  readonly home: string;
  readonly workingDirectory: string;
  /** True where this start made the data directory's keys. */
  readonly isNew: boolean;
  readonly keysets: readonly KeysetStatus[];
}

/** What `npm start` prints once it serves: what runs where, and lines that work as they are pasted. */
export function firstScreen(facts: FirstScreenFacts): string {
  const home = shellPath(facts.home, facts.workingDirectory);
  const admin = shellPath(`${facts.home}/curl-admin.conf`, facts.workingDirectory);
  const openaiOnly = shellPath(`${facts.home}/curl-openai-only.conf`, facts.workingDirectory);
  const v1 = `${facts.url}/v1`;
  const ciphertext = `node -pe "JSON.parse(require('fs').readFileSync(0)).ciphertext"`;
  return `
Keyward is running at ${facts.url}${facts.isNew ? '' : ' with the keys of an earlier start'}

  API           ${v1}, every call signed with AWS Signature Version 4
  Reference     ${facts.url}/docs (${facts.url}/openapi.json)
  Data          ${home}: an embedded DynamoDB, the KEK (kek.json), credentials, principals.json
                Without kek.json nothing in it can be decrypted: back them up together.
  Principals    administrator (profile default) and openai-only, in ${home}/credentials
${keysetLines(facts.keysets)}
Encrypt a key, and decrypt it:

  TOKEN=$(curl -K ${admin} --json '{"plaintext":"sk-example-not-a-real-key"}' ${v1}/providers/openai/encrypt | ${ciphertext})
  curl -K ${admin} --json "{\\"ciphertext\\":\\"$TOKEN\\"}" ${v1}/providers/openai/decrypt; echo

Store one, see it without the key, reveal it:

  curl -K ${admin} -X PUT --json '{"api_key":"sk-example-not-a-real-key"}' ${v1}/providers/openai/credentials/default; echo
  curl -K ${admin} ${v1}/providers/openai/credentials; echo
  curl -K ${admin} -X POST ${v1}/providers/openai/credentials/default/reveal; echo

Another identity, which may not do this; and who did what:

  curl -K ${openaiOnly} --json '{"plaintext":"x"}' ${v1}/providers/google/encrypt; echo
  curl -K ${admin} '${v1}/audit/events?limit=10'; echo

Ctrl-C stops it.
`;
}

function keysetLines(keysets: readonly KeysetStatus[]): string {
  return keysets
    .map(({ provider, status }) => {
      switch (status) {
        case 'ready':
        case 'created':
          return '';
        case 'lost':
          return `  ATTENTION     ${provider}: its keyset is gone although it was in use; restore the data. Until then its calls answer 503.\n`;
        case 'damaged':
          return `  ATTENTION     ${provider}: its keyset was edited or mixed up; restore the data. Until then its calls answer 503.\n`;
        case 'failed':
          return `  ATTENTION     ${provider}: its keyset could not be checked or made; its calls may answer 503.\n`;
      }
    })
    .join('');
}

/** A path as it can be pasted into a shell: relative where that is shorter, quoted where it must be. */
function shellPath(path: string, workingDirectory: string): string {
  const fromHere = relative(workingDirectory, path);
  const shown = fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere || '.';
  return /^[A-Za-z0-9_./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
