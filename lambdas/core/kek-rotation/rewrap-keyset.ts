import { signKeyset } from '../keysets/dek-keyset';
import type { DekVersionRecord, KeysetRecord } from '../keysets/keyset-record';
import type { Kek } from '../crypto/kek-keyset';
import { newId, type Randomness } from '../crypto/randomness';
import { rewrapDek } from '../crypto/wrapped-dek';

/**
 * The next revision of a verified keyset with every version under another KEK: one KEK per record, so all of them move
 * in one write. No data key changes.
 *
 * @throws KeywardError `keys_unavailable`, reason `unwrap_failed`, where a version does not open under `from`; nothing
 *   of the record may be written then
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
