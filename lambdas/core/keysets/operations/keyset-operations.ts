import * as z from 'zod/mini';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import { count, time } from '../../http/reply-values';
import type { DescribeKeyset, ListKeysets } from '../show-keysets';
import { destruction, EXAMPLE_POLICY, dekRotationPolicy, shownVersion } from './version-schemas';

const keyset = z.object({
  provider: z.string(),
  revision: count,
  kek_id: z.string(),
  primary_version: count,
  versions: z.array(z.object({ ...shownVersion, destruction: z.optional(destruction) })),
  dek_created_at: time,
  dek_rotation_count: count,
  rotation_policy: dekRotationPolicy,
  rotation: z.optional(
    z
      .object({ rotation_id: z.string(), phase: z.enum(['publishing', 'rekeying']), version: count })
      .check(z.meta({ description: 'The running rotation.' })),
  ),
});

export const KEYSET_REPLIES = {
  Keyset: keyset,
  Keysets: z.object({
    providers: z.array(keyset),
    damaged: z.optional(z.array(z.string()).check(z.meta({ description: 'Providers whose records were edited.' }))),
  }),
};

const example = {
  provider: 'openai',
  revision: 7,
  kek_id: 'kek-0123456789abcdef',
  primary_version: 3,
  versions: [
    {
      version: 2,
      state: 'decrypt_only',
      created_at: '2026-08-01T08:00:00.000Z',
      promoted_at: '2026-08-01T08:01:03.000Z',
      superseded_at: '2026-10-30T08:01:03.000Z',
      grace_until: '2026-11-06T08:01:04.000Z',
    },
    {
      version: 3,
      state: 'primary',
      created_at: '2026-10-30T08:00:00.000Z',
      promoted_at: '2026-10-30T08:01:03.000Z',
    },
  ],
  dek_created_at: '2026-10-30T08:00:00.000Z',
  dek_rotation_count: 2,
  rotation_policy: EXAMPLE_POLICY,
};

export const KEYSET_OPERATIONS = {
  listKeysets: defineOperation({
    method: 'GET',
    path: '/v1/providers',
    function: 'keys',
    grant: 'keysets',
    summary: 'List the keysets of all providers, without key material',
    description:
      'Returns one keyset for each configured provider: versions with states and dates, the next rotation, and the running one. `damaged` names providers whose records were edited.',
    reply: KEYSET_REPLIES.Keysets,
    example: { reply: { providers: [example] } },
    handle: async (_, { application }: Runtime<{ readonly listKeysets: ListKeysets }>) => {
      const keysets = await application.listKeysets();
      const damaged = keysets.flatMap((each) => ('damaged' in each ? [each.provider] : []));
      const providers = keysets.filter((each) => !('damaged' in each));
      return { status: 200, body: { providers, ...(damaged.length > 0 && { damaged }) } };
    },
  }),
  describeKeyset: defineOperation({
    method: 'GET',
    path: '/v1/providers/{provider}',
    function: 'keys',
    grant: 'keysets',
    summary: "Describe a provider's keyset, without key material",
    description: 'Returns the versions with states and dates, the next rotation, and the running one.',
    reply: KEYSET_REPLIES.Keyset,
    example: { reply: example },
    handle: async (
      { parameters: { provider } },
      { application }: Runtime<{ readonly describeKeyset: DescribeKeyset }>,
    ) => ({ status: 200, body: await application.describeKeyset(provider) }),
  }),
} satisfies OperationsOf<'keys'>;
