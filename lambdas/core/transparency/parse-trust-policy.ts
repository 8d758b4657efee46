import { decodeUtf8 } from '../crypto/utf8';
import { readDecimal } from './decimal';
import type { Checked, LogFault } from './log-fault';
import type { TrustedKey, TrustPolicy, Witness, WitnessGroup } from './trust-policy';
import { parseVerifierKey, type SignatureType } from './verifier-key';

const MAX_POLICY_BYTES = 131_072;
/** All but tab, newline, and what is printable (tlog-policy, "Character set"). */
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f]/;
const NONE = 'none';

/** A policy as its lines define it. */
interface Draft {
  readonly logs: TrustedKey[];
  readonly witnesses: Map<string, Witness>;
  readonly groups: Map<string, WitnessGroup>;
  readonly members: Set<string>;
  /** By their bytes: a witness that has the log's key, or another's, would be a vote too many. */
  readonly publicKeys: Set<string>;
  quorum?: string;
}

/**
 * Reads a trust policy (tlog-policy, "Policy file syntax and structure"). Stricter than the specification in three points: the file
 * is UTF-8 and ends with a newline, so that a truncated one is not taken for a shorter name; and no two lines have the same public
 * key, so that no log is its own witness. Only Ed25519 keys are known.
 *
 * @returns with a fault, the number of its line, from 1; 0 for the file
 */
export function parseTrustPolicy(bytes: Buffer): Checked<TrustPolicy> & { readonly line?: number } {
  const text = bytes.length > MAX_POLICY_BYTES ? undefined : decodeUtf8(bytes);
  if (text === undefined || FORBIDDEN.test(text) || !text.endsWith('\n')) return { fault: 'policy_form', line: 0 };
  const draft: Draft = {
    logs: [],
    witnesses: new Map(),
    groups: new Map(),
    members: new Set(),
    publicKeys: new Set(),
  };
  for (const [at, line] of text.split('\n').entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length === 0 || words[0]?.startsWith('#') === true) continue;
    const fault = define(draft, words);
    if (fault !== undefined) return { fault, line: at + 1 };
  }
  const { logs, witnesses, groups, quorum } = draft;
  if (quorum === undefined) return { fault: 'policy_quorum', line: 0 };
  return { value: { logs, witnesses, groups, quorum: quorum === NONE ? undefined : quorum } };
}

function define(draft: Draft, [keyword, ...words]: readonly string[]): LogFault | undefined {
  switch (keyword) {
    case 'log':
      return defineLog(draft, words);
    case 'witness':
      return defineWitness(draft, words);
    case 'group':
      return defineGroup(draft, words);
    case 'quorum':
      return defineQuorum(draft, words);
    default:
      return 'policy_keyword';
  }
}

const isDefined = ({ witnesses, groups }: Draft, name: string): boolean => witnesses.has(name) || groups.has(name);

const isFree = (draft: Draft, name: string): boolean => name !== NONE && !isDefined(draft, name);

function readKey(draft: Draft, vkey: string, type: SignatureType): Checked<TrustedKey> {
  const parsed = parseVerifierKey(vkey);
  if (parsed.fault !== undefined) return parsed;
  if (parsed.value.type !== type) return { fault: 'vkey_type' };
  const publicKey = parsed.value.publicKey.toString('hex');
  if (draft.publicKeys.has(publicKey)) return { fault: 'policy_key_twice' };
  draft.publicKeys.add(publicKey);
  return { value: { key: parsed.value, above: -1, upTo: Infinity } };
}

/** `log <vkey> [<url>]` */
function defineLog(draft: Draft, [vkey, ...url]: readonly string[]): LogFault | undefined {
  if (vkey === undefined || url.length > 1) return 'policy_form';
  const key = readKey(draft, vkey, 'ed25519');
  if (key.fault !== undefined) return key.fault;
  draft.logs.push(key.value);
  return undefined;
}

/** `witness <name> <vkey> [<url>]` */
function defineWitness(draft: Draft, [name, vkey, ...url]: readonly string[]): LogFault | undefined {
  if (name === undefined || vkey === undefined || url.length > 1) return 'policy_form';
  if (!isFree(draft, name)) return 'policy_name';
  const key = readKey(draft, vkey, 'cosignature');
  if (key.fault !== undefined) return key.fault;
  draft.witnesses.set(name, { name, keys: [key.value] });
  return undefined;
}

/** `group <name> all|any|<k> <name>...` */
function defineGroup(draft: Draft, [name, rule, ...members]: readonly string[]): LogFault | undefined {
  if (name === undefined || rule === undefined) return 'policy_form';
  if (!isFree(draft, name)) return 'policy_name';
  for (const member of members) {
    if (!isDefined(draft, member) || draft.members.has(member)) return 'policy_member';
    draft.members.add(member);
  }
  const threshold = rule === 'all' ? members.length : rule === 'any' ? 1 : (readDecimal(rule) ?? 0);
  if (threshold < 1 || threshold > members.length) return 'policy_threshold';
  draft.groups.set(name, { name, threshold, members });
  return undefined;
}

/** `quorum <name>`, exactly one in a file. */
function defineQuorum(draft: Draft, [name, ...rest]: readonly string[]): LogFault | undefined {
  if (name === undefined || rest.length > 0) return 'policy_form';
  if (draft.quorum !== undefined) return 'policy_quorum';
  if (name !== NONE && !isDefined(draft, name)) return 'policy_quorum';
  draft.quorum = name;
  return undefined;
}
