import { derive, base64, hmacSha256 } from './second-implementation';
import { readJson, writeJson, type Json } from './second-json';

/** A keyset record once more, from docs/format.md alone: read, its shape and its MAC checked. */

type Members = ReadonlyMap<string, Json>;
type Check = (value: Json | undefined) => boolean;

const isMembers = (value: Json | undefined): value is Members => value instanceof Map;
const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const wholeFrom =
  (least: number): Check =>
  (value) =>
    typeof value === 'number' && value >= least && value <= 2 ** 53 - 1 && value % 1 === 0;
const isTime: Check = (value) =>
  typeof value === 'string' && /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/.test(value);

const RECORD: Readonly<Record<string, Check>> = {
  provider: isText,
  revision: wholeFrom(1),
  write_id: isText,
  kek_id: isText,
  primary_version: wholeFrom(1),
  dek_created_at: isTime,
  dek_rotation_count: wholeFrom(0),
  highest_version: (value) => value === undefined || wholeFrom(1)(value),
  mac: isText,
};
const POLICY: Readonly<Record<string, Check>> = {
  enabled: isFlag,
  interval_days: wholeFrom(1),
  grace_period_days: wholeFrom(0),
  next_rotation_at: isTime,
  last_rotation_at: (value) => value === null || isTime(value),
};
const STATES = ['pending', 'primary', 'decrypt_only', 'rewrap_only', 'destroyed'];

const has = (members: Json | undefined, checks: Readonly<Record<string, Check>>): members is Members =>
  isMembers(members) && Object.entries(checks).every(([name, check]) => check(members.get(name)));

function hasVersions(record: Members): boolean {
  const versions = record.get('versions');
  if (!isMembers(versions)) return false;
  const primaries = [...versions].filter(([, entry]) => isMembers(entry) && entry.get('state') === 'primary');
  return (
    primaries.length === 1 &&
    Number(primaries[0]?.[0]) === record.get('primary_version') &&
    [...versions].every(
      ([number, entry]) =>
        /^[1-9][0-9]{0,9}$/.test(number) &&
        Number(number) <= 2_147_483_647 &&
        isMembers(entry) &&
        STATES.includes(entry.get('state') as string) &&
        isTime(entry.get('created_at')) &&
        isText(entry.get('encrypted_dek')) === (entry.get('state') !== 'destroyed'),
    )
  );
}

/** Whether a text is a record of this provider under this KEK, and nobody has changed it. */
export async function isKeyset(kekId: string, kek: Uint8Array, provider: string, text: string): Promise<boolean> {
  const record = readJson(text);
  if (!has(record, RECORD) || !has(record.get('rotation_policy'), POLICY) || !hasVersions(record)) return false;
  if (record.get('provider') !== provider || record.get('kek_id') !== kekId) return false;
  const covered = new Map([...record].filter(([name]) => name !== 'mac'));
  const key = (await derive(kek, 'kw1-mac', new Uint8Array(32))).subarray(0, 32);
  return base64(await hmacSha256(key, new TextEncoder().encode(writeJson(covered)))) === record.get('mac');
}
