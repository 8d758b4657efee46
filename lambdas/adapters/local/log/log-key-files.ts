import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { decodeCanonicalBase64 } from '../../../core/crypto/canonical-base64';
import type { Randomness } from '../../../core/crypto/randomness';
import type { LogSigner } from '../../../core/transparency/ports/log-signer';
import { formatLogKeys, KEYS_PATH } from '../../../core/transparency/log-keys';
import { publicKeysOf, type LogSigners, type SigningPair } from '../../../core/transparency/signing-pair';
import { SIGNATURE_TYPES, verifierKey, type SignatureType } from '../../../core/transparency/verifier-key';
import { badFile } from '../private-file';
import { replaceDurably, type LogDisk } from './log-disk';

/** Each of them is there only if something was published. */
const PUBLISHED = ['checkpoint', 'state', KEYS_PATH] as const;

/** The private keys of a log, beside it: one signs checkpoints, the other one cosigns them. */
const TYPES = { log: 'ed25519', cosigner: 'cosignature' } as const satisfies Record<string, SignatureType>;

const SEED_BYTES = 32;
/** PKCS #8 of an Ed25519 private key up to its 32 bytes (RFC 8410 section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface LogKeysOptions {
  readonly disk: LogDisk;
  /** Absolute path of the log, for errors. */
  readonly directory: string;
  /** Names of the keys of a new log. An existing log keeps those that its key files have. */
  readonly names: { readonly log: string; readonly cosigner: string };
  readonly randomness: Randomness;
}

type Role = keyof typeof TYPES;

/**
 * Opens the keys of a log, and makes those of a log that has published nothing: files of mode 0600, durable before anything is
 * signed, never overwritten. `keys` then has the public ones. The files of a hand-over have its number, `log.2.key`; all before them
 * are opened, too.
 *
 * A key file has one line, `PRIVATE+KEY+<name>+<id>+<base64 of type and seed>`, as Go's `golang.org/x/mod/sumdb/note` writes it.
 *
 * @throws KeywardError `configuration_invalid`, one sentence, if a key file is missing beside a log that has published, is open to
 *   others or is damaged, or if `keys` is of other keys; nothing is changed then. Errors of the system
 */
export function openLogKeyFiles(options: LogKeysOptions): LogSigners {
  const { disk, directory } = options;
  const numbers = numbersOf(disk);
  const pairs = [1, ...numbers].map((number): SigningPair => {
    const [log, cosigner] = [openKeyFile(options, 'log', number), openKeyFile(options, 'cosigner', number)];
    return { log, cosigner };
  });
  const [newest, ...earlier] = pairs.toReversed() as [SigningPair, ...SigningPair[]];
  const signers: LogSigners = { ...newest, ...(earlier.length > 0 && { earlier: earlier.toReversed() }) };
  const keys = pairs.map((pair) => formatLogKeys(publicKeysOf(pair)));
  const there = disk.read(KEYS_PATH);
  if (there !== undefined && !keys.some((each) => each.equals(there))) {
    throw badFile(
      `${directory}/${KEYS_PATH}`,
      `is not of the keys in ${fileOf('log')} and ${fileOf('cosigner')} beside it: restore the three files from one backup`,
    );
  }
  if (there === undefined) replaceDurably(disk, KEYS_PATH, keys[0] as Buffer);
  return signers;
}

/**
 * Makes the keys to which a log is to be handed over next, beside those that it has, and durably: the publisher hands over to the
 * newest keys that it finds. The log's own key is written last; without it a cosigner's is none yet, and is made anew.
 *
 * @throws as {@link openLogKeyFiles}
 */
export function makeNextLogKeys(options: LogKeysOptions): void {
  const { log, cosigner } = openLogKeyFiles(options);
  const next = (numbersOf(options.disk).at(-1) ?? 1) + 1;
  makeKeyFile(options, { file: fileOf('cosigner', next), name: cosigner.key.name, type: TYPES.cosigner });
  makeKeyFile(options, { file: fileOf('log', next), name: log.key.name, type: TYPES.log });
}

const fileOf = (role: Role, number = 1): string => (number === 1 ? `${role}.key` : `${role}.${number}.key`);

/** The numbers of hand-overs, in their order. */
const numbersOf = (disk: LogDisk): readonly number[] =>
  disk
    .names('')
    .flatMap((name) => Number(LATER_LOG_KEY.exec(name)?.[1] ?? []) || [])
    .toSorted((a, b) => a - b);

const LATER_LOG_KEY = /^log\.([2-9]|[1-9][0-9]{1,3})\.key$/;

/** Opens one of the keys, or makes the first; see {@link openLogKeyFiles}. */
export function openKeyFile(options: LogKeysOptions, role: Role, number = 1): LogSigner {
  const { disk, directory, names } = options;
  const file = fileOf(role, number);
  const path = `${directory}/${file}`;
  const text = disk.read(file)?.toString('utf8');
  if (text === undefined) {
    const published = PUBLISHED.find((name) => disk.read(name) !== undefined);
    if (published !== undefined || number > 1) {
      throw badFile(
        path,
        `is missing although the log in ${directory} has published (${published ?? fileOf('log', number)} is there), and no other key can continue it: restore it from a backup; or, to begin a new log that says nothing about earlier events, stop the server and move the whole directory away`,
      );
    }
    return makeKeyFile(options, { file, name: names[role], type: TYPES[role] });
  }
  if (!disk.isPrivate(file)) throw badFile(path, 'is open to other users; set its mode to 0600');
  const [, name = '', encoded = ''] = LINE.exec(text) ?? [];
  const bytes = decodeCanonicalBase64(encoded);
  if (bytes?.length === SEED_BYTES + 1 && bytes[0] === SIGNATURE_TYPES[TYPES[role]]) {
    const read = signerOf(name, TYPES[role], bytes.subarray(1));
    if (read?.line === text) return read.signer;
  }
  throw badFile(path, 'is damaged: restore it from a backup');
}

function makeKeyFile(
  { disk, randomness }: LogKeysOptions,
  { file, name, type }: { readonly file: string; readonly name: string; readonly type: SignatureType },
): LogSigner {
  const made = signerOf(name, type, randomness.secretBytes(SEED_BYTES));
  if (made === undefined) throw new RangeError('a key has a name without spaces and plus signs');
  replaceDurably(disk, file, Buffer.from(made.line, 'utf8'));
  return made.signer;
}

const LINE = /^PRIVATE\+KEY\+([^+\n]+)\+[0-9a-f]{8}\+([^\n]+)\n$/;

interface KeyFile {
  readonly signer: LogSigner;
  readonly line: string;
}

/** @returns undefined for a name that no key can have */
function signerOf(name: string, type: SignatureType, seed: Buffer): KeyFile | undefined {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-SEED_BYTES);
  const { value: key } = verifierKey(name, type, raw);
  if (key === undefined) return undefined;
  const typed = Buffer.concat([Buffer.of(SIGNATURE_TYPES[type]), seed]).toString('base64');
  return {
    signer: { key, sign: (message) => Promise.resolve(sign(null, message, privateKey)) },
    line: `PRIVATE+KEY+${name}+${key.id}+${typed}\n`,
  };
}
