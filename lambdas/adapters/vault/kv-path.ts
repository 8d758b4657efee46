import { isRecord } from '../../core/crypto/record-checks';
import type { VaultBody, VaultCalls } from './vault-calls';
import type { VaultSession } from './vault-session';

/** One version of a path of KV version 2. `value` is undefined if the version is deleted or destroyed. */
export interface KvVersion {
  readonly number: number;
  readonly value: VaultBody | undefined;
}

/** One path of KV version 2 ("KV secrets engine - version 2 (API)"). */
export class KvPath {
  constructor(
    private readonly deps: { readonly session: VaultSession; readonly calls: VaultCalls },
    /** The path under `/v1/` up to the engine's own parts, with a slash at its end. */
    private readonly mount: string,
    readonly path: string,
  ) {}

  /**
   * Reads a version, the newest if none is named. A deleted or destroyed one is answered with 404 and its metadata.
   *
   * @returns undefined if KV has none under the number (any more), or has nothing at the path
   * @throws KeywardError `store_unavailable`
   */
  async read(number?: number): Promise<KvVersion | undefined> {
    const query = number === undefined ? '' : `?version=${number}`;
    const path = `${this.mount}data/${this.path}${query}`;
    const { body } = await this.deps.session.send({ operation: 'kv read', method: 'GET', path, answers: [404] });
    const { data } = body;
    if (!isRecord(data)) return undefined;
    const { data: value, metadata } = data;
    const version = isRecord(metadata) ? metadata['version'] : undefined;
    if (typeof version !== 'number' || !Number.isSafeInteger(version)) throw this.deps.calls.unusable('kv read');
    return { number: version, value: isRecord(value) ? value : undefined };
  }

  /**
   * Writes the next version if the newest one has this number; 0: if there is none.
   *
   * @returns `mismatch` if it has not: another writer was faster, or an earlier attempt whose answer was lost
   * @throws KeywardError `store_unavailable`; the value may have been written
   */
  async write(number: number, value: object): Promise<'written' | 'mismatch'> {
    const path = `${this.mount}data/${this.path}`;
    const body = { options: { cas: number }, data: value };
    const reply = await this.deps.session.send({ operation: 'kv write', method: 'POST', path, body, answers: [400] });
    if (reply.status < 300) return 'written';
    const { errors } = reply.body;
    const isMismatch = Array.isArray(errors) && errors.some((each) => typeof each === 'string' && MISMATCH.test(each));
    if (!isMismatch) throw this.deps.calls.unusable('kv write', 'VaultInvalidRequest');
    return 'mismatch';
  }
}

/** Vault has no code for it; the text is that of vault-plugin-secrets-kv, path_data.go. */
const MISMATCH = /check-and-set parameter did not match the current version/;
