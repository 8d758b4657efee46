import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import type { AdminReply, VaultUnderTest } from './vault-under-test';

type Send = VaultUnderTest['admin'];

const isOption = (word: string): boolean => word.startsWith('-');
const optionsOf = (words: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    words.filter(isOption).map((word) => {
      const [name = '', value = ''] = word.slice(1).split('=');
      return [name, value] as const;
    }),
  );
const pairsOf = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(words.map((word) => word.split('=') as [string, string]));

/** What a command names in place of a member of the API. */
const numbered = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/**
 * Makes the calls that a line with Vault's command makes ("Vault commands (CLI)"), for those lines that docs/vault.md has: the
 * command itself is not at hand where tests run.
 *
 * @returns what it would print with `-field`
 * @throws Error for a line that it does not know, and for an answer that the command would end with
 */
export async function runVaultCommand(send: Send, line: string): Promise<string> {
  const [program, ...words] = line.split(' ');
  const options = optionsOf(words);
  const others = words.filter((word) => !isOption(word));
  const [verb = '', second = '', third = '', ...rest] = others;
  if (program !== 'vault') throw new Error(`no command of Vault: ${line}`);
  switch (verb) {
    case 'auth':
      return done(line, await send('POST', `sys/auth/${third}`, { type: third }));
    case 'secrets':
      return done(
        line,
        await send('POST', `sys/mounts/${options.get('path')}`, { type: 'kv', options: { version: '2' } }),
      );
    case 'policy': {
      const [file = ''] = rest;
      return done(
        line,
        await send('POST', `sys/policies/acl/${third}`, { policy: readFileSync(join(ROOT, file), 'utf8') }),
      );
    }
    case 'kv': {
      const [path = ''] = rest;
      const slash = path.indexOf('/');
      return done(
        line,
        await send('POST', `${path.slice(0, slash)}/metadata/${path.slice(slash + 1)}`, {
          cas_required: options.get('cas-required') === 'true',
          max_versions: numbered(options.get('max-versions')),
        }),
      );
    }
    case 'read':
      return fieldOf(line, await send('GET', second), options.get('field'));
    case 'write': {
      const wrap = options.get('wrap-ttl');
      const headers = wrap === undefined ? {} : { 'x-vault-wrap-ttl': wrap };
      const body = pairsOf(others.slice(2));
      return fieldOf(line, await send('POST', second, body, headers), options.get('field'));
    }
    default:
      throw new Error(`not known here: ${line}`);
  }
}

function done(line: string, { status, text }: AdminReply): string {
  if (status >= 300) throw new Error(`${line} ended with ${status}: ${text}`);
  return '';
}

function fieldOf(line: string, reply: AdminReply, field: string | undefined): string {
  done(line, reply);
  if (field === undefined) return '';
  const { data, wrap_info: wrapped } = reply.body as { data?: Record<string, unknown>; wrap_info?: { token?: string } };
  return field === 'wrapping_token' ? String(wrapped?.token) : String(data?.[field]);
}
