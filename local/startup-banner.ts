import { relative, isAbsolute } from 'node:path';
import { CURL_FILES } from './local-names';
import type { KeysetStatus } from '../lambdas/core/kek-rotation/ensure-keysets';
import type { LocalKekSource } from '../lambdas/core/contract/environment';
import type { Access } from './identity/access-files';

export interface StartupBannerFacts {
  readonly url: string;
  /** Absolute path of the data directory. */
  readonly home: string;
  readonly workingDirectory: string;
  /** True if this start made the data directory's keys. */
  readonly isNew: boolean;
  readonly kekSource: LocalKekSource;
  /** A file of the data directory, or a path in Vault. */
  readonly kekPlace: string;
  /** Name of the failure if the KEK's store did not answer. */
  readonly kekAway?: string;
  readonly keysets: readonly KeysetStatus[];
  /** True if an earlier start has made the KEK, and the database is a different one. */
  readonly databaseIsLost: boolean;
  /** What keeps the transparency log from being published; left out: nothing does. */
  readonly logFault?: string;
  /** Parts that this start created of `credentials` and `principals.json`. */
  readonly accessMade: Access['made'];
}

/** Returns the text that `npm start` prints when it serves: addresses and paths, and commands to paste. */
export function startupBanner(facts: StartupBannerFacts): string {
  const home = shellPath(facts.home, facts.workingDirectory);
  const admin = shellPath(`${facts.home}/${CURL_FILES.administrator}`, facts.workingDirectory);
  const openaiOnly = shellPath(`${facts.home}/${CURL_FILES.openaiOnly}`, facts.workingDirectory);
  const v1 = `${facts.url}/v1`;
  const ciphertext = `node -pe "JSON.parse(require('fs').readFileSync(0)).ciphertext"`;
  return `
Keyward is running at ${facts.url}${since(facts)}

  API           ${v1}, every call signed with AWS Signature Version 4
  Reference     ${facts.url}/docs (${facts.url}/openapi.json)
${dataLines(facts, home)}
  Principals    administrator (profile default) and openai-only, in ${home}/credentials
${attentionLines(facts)}
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

const dataLines = ({ kekSource, kekPlace }: StartupBannerFacts, home: string): string =>
  kekSource === 'vault'
    ? `  Data          ${home}: an embedded DynamoDB, the audit journal (audit), the transparency log (log), credentials, principals.json
  KEK           in Vault at ${kekPlace}, rotated from here. Without it nothing can be decrypted: back both up.`
    : `  Data          ${home}: an embedded DynamoDB, the audit journal (audit), the transparency log (log), the KEK (${kekPlace}), credentials, principals.json
                Without ${kekPlace} nothing in it can be decrypted: back them up together.`;

const since = ({ isNew, databaseIsLost }: StartupBannerFacts): string =>
  isNew ? '' : databaseIsLost ? ' without the data of an earlier start' : ' with the keys of an earlier start';

/** Returns changes since the last start, one sentence each with a remedy. */
function attentionLines(facts: StartupBannerFacts): string {
  const sentences = [
    ...(facts.kekAway === undefined ? [] : [vaultAway(facts.kekAway)]),
    ...(facts.databaseIsLost ? [databaseLost(facts)] : []),
    ...facts.keysets.flatMap((status) => keysetSentence(status, facts)),
    ...(facts.logFault === undefined ? [] : [logUnusable(facts.logFault)]),
    ...(facts.isNew ? [] : ACCESS_MADE[facts.accessMade]),
  ];
  return sentences.map((sentence) => `  ATTENTION     ${sentence}\n`).join('');
}

const vaultAway = (name: string): string =>
  `Vault does not answer (${name}): calls that need a KEK answer 503 until it does, and the server then goes on by itself.`;

const logUnusable = (sentence: string): string =>
  `${sentence}.\n                Until then the audit log is not published, and none of it expires.`;

const databaseLost = (facts: StartupBannerFacts): string =>
  `the database is new, although ${kekText(facts)} is of an earlier start: it lacks the stored data. Stop, and restore dynamodb\n` +
  '                from a backup; or move the data directory away to start empty. Until then all calls for keys answer 503.';

const kekText = ({ kekSource, kekPlace }: StartupBannerFacts): string =>
  kekSource === 'vault' ? `the KEK in Vault at ${kekPlace}` : kekPlace;

const ACCESS_MADE: Readonly<Record<Access['made'], readonly string[]>> = {
  nothing: [],
  both: [
    'credentials and principals.json were missing and are new: earlier access keys no longer work, and callers need\n' +
      '                new ones. Restore both from a backup, and start again, to have the old ones back.',
  ],
  secrets: [
    'credentials was missing: the access keys that principals.json names have new secrets, and callers need them. Restore\n' +
      '                it from a backup, and start again, to have the old ones back.',
  ],
};

function keysetSentence(
  { provider, status, code, reason }: KeysetStatus,
  facts: StartupBannerFacts,
): readonly string[] {
  switch (status) {
    case 'ready':
    case 'created':
      return [];
    case 'lost':
      return [
        `${provider}: its keyset is gone although it was in use; restore the data. Until then its calls answer 503.`,
      ];
    case 'damaged':
      return [`${provider}: its keyset was edited or mixed up; restore the data. Until then its calls answer 503.`];
    case 'failed':
      if (reason === 'keyset_outdated') {
        return [
          `${provider}: the database is older than keysets/, which says that its keyset had a higher version; restore the newest dynamodb there is.\n` +
            `                Until then its calls answer 503. If there is none, stop and remove the marks of the lost keysets: keysets/${provider}@…`,
        ];
      }
      // The sentence about Vault says it.
      if (facts.kekAway !== undefined && reason === 'no_region_answered') return [];
      return reason === 'unknown_kek'
        ? [unknownKek(provider, facts)]
        : [
            `${provider}: its keyset could not be checked or made (${code ?? 'unknown'}); the server retries until it is, and logs it.\n` +
              '                Until then its calls answer 503.',
          ];
  }
}

const unknownKek = (provider: string, facts: StartupBannerFacts): string =>
  facts.kekSource === 'vault'
    ? `${provider}: its keyset names a KEK that Vault lacks at ${facts.kekPlace}; what is there is of another installation, or of another time.\n` +
      '                Restore the version that belongs to dynamodb; the server then goes on by itself. Until then its calls answer 503.'
    : `${provider}: its keyset names a KEK that ${kekText(facts)} lacks; that file is of another installation, or of another time. Put\n` +
      '                the one that belongs to dynamodb there; the server then goes on by itself. Until then nothing is sealed, and its calls answer 503.';

/** Returns a path to paste into a shell: relative if that is shorter, quoted if necessary. */
function shellPath(path: string, workingDirectory: string): string {
  const fromHere = relative(workingDirectory, path);
  const shown = fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere || '.';
  return /^[A-Za-z0-9_./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
