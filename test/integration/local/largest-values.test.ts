import { toDocumentClient } from '../../../lambdas/adapters/aws/dynamodb/document-client';
import { credentialShard } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { MAX_CREDENTIALS_PAGE, MAX_PLAINTEXT_BYTES } from '../../../lambdas/core/contract/limits';
import { MAX_METADATA_BYTES } from '../../../lambdas/core/credentials/credential';
import { canonicalJson } from '../../../lambdas/core/crypto/canonical-json';
import { LOCAL_TABLES } from '../../../local/local-names';
import { until } from '../../until';
import { inParallel } from '../in-parallel';
import { openLocalWorld, type LocalReply, type LocalWorld } from './local-composition';
import { temporaryHome } from './local-process';

/** The number of largest credentials on a page. */
const CREDENTIALS = MAX_CREDENTIALS_PAGE;
const DELETED = 20;
/** Amazon DynamoDB Developer Guide, "Constraints in Amazon DynamoDB": of an item, names and values. */
const MAX_ITEM_BYTES = 400 * 1024;
const SECONDS_TO_PROMOTION = 100;
const openai = '/v1/providers/openai';
const nameOf = (index: number): string => `large-${String(index).padStart(3, '0')}`;
const pathOf = (index: number): string => `${openai}/credentials/${nameOf(index)}`;

/** Repeated characters with their number of bytes in UTF-8: one and four bytes, and one that JSON writes as six. */
const FILLINGS = ['x', '\u{1f511}', '\u0001', '\\"'];

/** Text of exactly this many bytes, different each time. */
function filled(start: string, index: number, bytes: number): string {
  const filling = FILLINGS[index % FILLINGS.length]!;
  const left = bytes - Buffer.byteLength(start);
  const times = Math.floor(left / Buffer.byteLength(filling));
  return start + filling.repeat(times) + '.'.repeat(left - times * Buffer.byteLength(filling));
}

const valueOf = (index: number, round: number): string =>
  filled(`value ${index} ${round} `, index, MAX_PLAINTEXT_BYTES);

/** Metadata of exactly the maximum size. */
function metadataOf(index: number, round: number): { readonly note: string } {
  const start = `note ${index} ${round} `;
  const bytesOf = (note: string): number => Buffer.byteLength(canonicalJson({ note }));
  const filling = FILLINGS[index % FILLINGS.length]!;
  const each = bytesOf(start + filling) - bytesOf(start);
  const note = start + filling.repeat(Math.floor((MAX_METADATA_BYTES - bytesOf(start)) / each));
  return { note: note + '.'.repeat(MAX_METADATA_BYTES - bytesOf(note)) };
}

/** All pages of a list, and their number. */
async function pages(
  world: LocalWorld,
  query: string,
  member: string,
): Promise<readonly (readonly Record<string, unknown>[])[]> {
  const all: (readonly Record<string, unknown>[])[] = [];
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? '' : `&cursor=${cursor}`;
    const reply = await world.call('GET', `${openai}/credentials?limit=${CREDENTIALS}&consistent=true${query}${more}`);
    expect(reply.status).toBe(200);
    all.push(reply.body[member] as Record<string, unknown>[]);
    cursor = reply.body['next_cursor'] as string | undefined;
  } while (cursor !== undefined);
  return all;
}

describe('credentials whose values and metadata, current and previous, are the largest that there may be', () => {
  const { home, remove } = temporaryHome();
  let world: LocalWorld;

  beforeAll(async () => {
    world = await openLocalWorld(home);
    for (const round of [1, 2]) {
      await inParallel(CREDENTIALS, async (index) => {
        const body = { api_key: valueOf(index, round), format: 'text', metadata: metadataOf(index, round) };
        const reply = await world.call('PUT', pathOf(index), body);
        expect(reply.status).toBe(round === 1 ? 201 : 200);
      });
    }
  });

  afterAll(async () => {
    await world.close();
    remove();
  });

  /** Whether a credential has this round's value, and as its previous value the other round's. */
  const isOfRound = async (index: number, round: number): Promise<void> => {
    const revealed = await world.call('POST', `${pathOf(index)}/reveal?consistent=true`);
    expect([revealed.status, revealed.body['metadata']]).toEqual([200, metadataOf(index, round)]);
    expect(revealed.body['api_key'] === valueOf(index, round)).toBe(true);
    const before = await world.call('GET', `${pathOf(index)}/previous?consistent=true`);
    expect([before.status, before.body['metadata']]).toEqual([200, metadataOf(index, 3 - round)]);
  };

  const restored = async (index: number): Promise<LocalReply> => {
    const { body } = await world.call('GET', `${pathOf(index)}/previous?consistent=true`);
    return world.call('POST', `${pathOf(index)}/restore`, { revision: body['revision'] });
  };

  test('are as long as the limits, and their items fit into DynamoDB', async () => {
    for (let index = 0; index < FILLINGS.length; index += 1) {
      expect(Buffer.byteLength(valueOf(index, 2))).toBe(MAX_PLAINTEXT_BYTES);
      expect(Buffer.byteLength(canonicalJson(metadataOf(index, 2)))).toBe(MAX_METADATA_BYTES);
      const item = await toDocumentClient(world.dynamodb).get({
        TableName: LOCAL_TABLES.credentials,
        Key: { provider_shard: credentialShard('openai', nameOf(index)), name: nameOf(index) },
      });
      // JSON has more quotes and brackets than DynamoDB counts.
      const bytes = Buffer.byteLength(JSON.stringify(item));
      expect(bytes).toBeGreaterThan(2 * (MAX_PLAINTEXT_BYTES + MAX_METADATA_BYTES));
      expect(bytes).toBeLessThan(MAX_ITEM_BYTES / 2);
      const { body } = await world.call('PUT', pathOf(index), { api_key: `${valueOf(index, 2)}.`, format: 'text' });
      expect(body['code']).toBe('invalid_request');
    }
  });

  test('are listed, and restored one for the other', async () => {
    const all = await pages(world, '', 'credentials');
    expect(all.map(({ length }) => length)).toEqual([CREDENTIALS]);
    const listed = all.flat();
    expect(listed.map(({ name }) => name)).toEqual(Array.from({ length: CREDENTIALS }, (_, index) => nameOf(index)));
    for (const [index, { metadata, previous }] of listed.entries()) {
      expect(metadata).toEqual(metadataOf(index, 2));
      expect(previous).toMatchObject({ revision: 1 });
    }
    for (let index = 0; index < FILLINGS.length; index += 1) {
      await isOfRound(index, 2);
      expect(await restored(index)).toMatchObject({ status: 200, body: { revision: 3, previous: { revision: 2 } } });
      await isOfRound(index, 1);
      expect((await restored(index)).status).toBe(200);
      await isOfRound(index, 2);
    }
  });

  test('are deleted, listed as deleted, and restored', async () => {
    await inParallel(DELETED, async (index) => {
      expect((await world.call('DELETE', pathOf(index))).status).toBe(204);
    });
    const deleted = (await pages(world, '&deleted=true', 'deleted')).flat();
    expect(deleted.map(({ name }) => name)).toEqual(Array.from({ length: DELETED }, (_, index) => nameOf(index)));
    for (const [index, { previous }] of deleted.entries()) {
      expect(previous).toMatchObject({ metadata: metadataOf(index, 2) });
    }
    await inParallel(DELETED, async (index) => {
      // One stays unchanged, to be moved as the previous value of a deleted credential.
      if (index > 0) expect((await restored(index)).status).toBe(200);
    });
  });

  test('move to another key, both of them', async () => {
    await world.composition.startWork();
    const started = await world.call('POST', `${openai}/rotate`, {});
    world.clock.forward({ seconds: SECONDS_TO_PROMOTION });
    const rotation = `${openai}/rotations/${String(started.body['rotation_id'])}`;
    const values = 2 * CREDENTIALS - DELETED;
    const moved = await until(
      'all values are moved',
      () => world.call('GET', rotation),
      ({ body }) => (body['counts'] as { moved: number }).moved === values,
    );
    expect(moved.body).toMatchObject({ counts: { total: values, moved: values, failed: 0 } });
    for (let index = DELETED; index < CREDENTIALS; index += CREDENTIALS / 20) {
      await isOfRound(index, 2);
      expect((await restored(index)).status).toBe(200);
      await isOfRound(index, 1);
    }
    expect((await restored(0)).status).toBe(200);
    expect((await world.call('POST', `${pathOf(0)}/reveal`)).body['api_key'] === valueOf(0, 2)).toBe(true);
  });
});
