import { isCount } from '../../lambdas/core/crypto/record-checks';
import { decodeCanonicalBase64 } from '../../lambdas/core/crypto/canonical-base64';
import type { LogFiles } from '../../lambdas/core/transparency/ports/log-files';
import { CliError, EXIT } from '../io/cli-error';
import type { Session } from '../session';
import type { JsonObject } from './json-object';
import { sendWithRetry } from './send-with-retry';

const PATH = '/v1/audit/log';
/** Times that an object may be replaced while its parts are read. */
const ATTEMPTS = 5;

/** The log of a region over the API: an object's parts and a list's pages are read one after the other. */
export function apiLogFiles(session: Session, region: string): LogFiles {
  const ask = (query: Readonly<Record<string, string>>): Promise<JsonObject> => {
    const call = { method: 'GET', path: PATH, query: { region, ...query } } as const;
    return sendWithRetry(session, call).catch((thrown: unknown) => {
      if (!(thrown instanceof CliError) || thrown.exitCode !== EXIT.refused) throw thrown;
      // Temporary credentials expire during a long verification.
      session.forgetCredentials();
      return sendWithRetry(session, call);
    });
  };

  /** @returns undefined if the object was replaced meanwhile */
  async function readParts(path: string): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let sha256: unknown;
    for (let offset: number | undefined = 0; offset !== undefined;) {
      const reply = await ask({ path, offset: String(offset) });
      const data = typeof reply['data'] === 'string' ? decodeCanonicalBase64(reply['data']) : undefined;
      if (data === undefined) throw noLog();
      if (parts.length > 0 && reply['sha256'] !== sha256) return undefined;
      sha256 = reply['sha256'];
      parts.push(data);
      const next: unknown = reply['next_offset'];
      if (next !== undefined && !isCount(next, offset + 1)) throw noLog();
      offset = next;
    }
    return Buffer.concat(parts);
  }

  return {
    async read(path) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        try {
          const bytes = await readParts(path);
          if (bytes !== undefined) return bytes;
        } catch (thrown) {
          if (thrown instanceof CliError && thrown.code === 'log_object_not_found') return undefined;
          throw thrown;
        }
      }
      throw new CliError(
        EXIT.unavailable,
        'log_object_changing',
        'an object of the log was replaced while it was read',
      );
    },
    async list(prefix) {
      const all: string[] = [];
      for (let after: string | undefined = ''; after !== undefined;) {
        const reply = await ask({ prefix, ...(after !== '' && { after }) });
        const { paths, next_after: next } = reply;
        if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string')) throw noLog();
        if (next !== undefined && (typeof next !== 'string' || next <= after)) throw noLog();
        all.push(...paths);
        after = next;
      }
      return all;
    },
  };
}

const noLog = (): CliError =>
  new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply is no part of a published log');
