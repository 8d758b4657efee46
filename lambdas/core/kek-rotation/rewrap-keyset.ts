import { signKeyset } from '../keysets/dek-keyset';
import type { DekVersionRecord, KeysetRecord } from '../keysets/keyset-record';
import type { Kek } from '../crypto/kek-keyset';
import { newId, type Randomness } from '../crypto/randomness';
import { rewrapDek } from '../crypto/wrapped-dek';

/**
 * The next revision of a verified keyset with every version under another KEK: a record has one KEK, so all versions are
 * rewrapped in one write. No DEK changes.
 *
 * @throws KeywardError `keys_unavailable`, reason `unwrap_failed`, if a version does not unwrap under `from`; then the record
 *   must not be written
 */
export function rewrapKeyset(record: KeysetRecord, from: Kek, to: Kek, randomness: Randomness): KeysetRecord {
  const versions = Object.entries(record.versions).map(([number, version]): [string, DekVersionRecord] => {
    const { encrypted_dek: wrapped } = version;
    if (wrapped === undefined) return [number, version];
    const moved = rewrapDek(from, to, record.provider, Number(number), wrapped, randomness);
    return [number, { ...version, encrypted_dek: moved }];
  });
  return signKeyset(
    {
      ...record,
      revision: record.revision + 1,
      write_id: newId(randomness),
      kek_id: to.id,
      versions: Object.fromEntries(versions),
    },
    to,
  );
}
