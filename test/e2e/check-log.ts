import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ROOT } from '../../compile/root';
import type { RegionalApi } from './caller';
import { eventually, expectStatus } from './expectations';
import type { Cloud, Keys } from './signed-call';
import type { Tally } from './tally';

const NOT_VERIFIED = 9;

/**
 * From the table's stream to a log that verifies: what the functions of the region's log made of everything that this test had done
 * before. The log is verified offline, from its buckets, as somebody does who does not ask Keyward.
 */
export async function checkLog(
  tally: Tally,
  { port, root }: Cloud,
  deps: {
    readonly stage: string;
    readonly account: string;
    /** The region with the log. */
    readonly api: RegionalApi;
    /** May read the audit log, and publish. */
    readonly operator: Keys;
  },
): Promise<void> {
  const { stage, account, api, operator } = deps;
  const { region } = api;
  const s3 = new S3Client({ region, endpoint: `http://127.0.0.1:${port}`, credentials: root, forcePathStyle: true });
  const bucket = (purpose: string): string => `${stage}-${purpose}-${account}-${region}`;
  const keysOf = async (name: string): Promise<readonly string[]> => {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket: name, ContinuationToken: token }));
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  };
  const directory = mkdtempSync(join(tmpdir(), 'keyward-e2e-log-'));
  /** As `aws s3 sync` of both buckets. */
  const sync = async (): Promise<readonly string[]> => {
    const paths: string[] = [];
    for (const name of [bucket('log'), bucket('archive')]) {
      for (const Key of await keysOf(name)) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: name, Key }));
        const path = join(directory, 'log', Key);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, (await Body?.transformToByteArray()) ?? '');
        paths.push(path);
      }
    }
    return paths;
  };
  const verify = () => {
    const args = [join(ROOT, 'bin/keyward.cjs'), 'audit', 'verify', '--offline', join(directory, 'log')];
    const env = { ...process.env, XDG_STATE_HOME: join(directory, 'state') };
    return spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  };
  const eventIds = async (): Promise<readonly string[]> => {
    const reply = expectStatus(await api.call(operator, 'GET', '/v1/audit/events?provider=openai&limit=100'), 200);
    const events = reply.body['events'] as readonly { id: string; region: string }[];
    return events.filter((event) => event.region === region).map(({ id }) => id);
  };
  let proved = '';
  try {
    await tally.check(
      `${region}: archives from the table's stream what happened here, and nothing of other regions`,
      async () => {
        const [id] = await eventIds();
        assert(id !== undefined, 'nothing happened here');
        await eventually(async () => {
          const objects = (await sync()).filter((path) => path.endsWith('.gz'));
          const lines = objects.flatMap((path) => linesOf(path).split('\n')).filter((line) => line !== '');
          assert(
            lines.some((line) => line.startsWith(`{"id":"${id}"`)),
            `${id} is not among ${lines.length} archived lines`,
          );
          assert(
            lines.every((line) => line.includes(`"region":"${region}"`)),
            'the archive has an event of another region',
          );
        });
      },
    );
    await tally.check(`${region}: publishes on demand a checkpoint of them all, and proves an event`, async () => {
      const [id = ''] = await eventIds();
      proved = id;
      await eventually(async () => {
        const { body } = expectStatus(await api.call(operator, 'POST', '/v1/audit/log', { action: 'publish' }), 200);
        assert(Number(body['size']) > 0, 'the log is empty');
        expectStatus(await api.call(operator, 'GET', `/v1/audit/events/${id}/proof`), 200);
      });
    });
    await tally.check(`${region}: keyward audit verify --offline finds nothing in its buckets`, async () => {
      await eventually(async () => {
        await sync();
        const { status, stdout, stderr } = verify();
        assert.equal(status, 0, `ended with ${status}: ${stdout}${stderr}`);
        assert.match(stdout, /entries with an archived line/);
      });
    });
    await tally.check(`${region}: and finds one edited line of the archive`, async () => {
      const path = (await sync()).find((each) => each.endsWith('.gz') && linesOf(each).includes(`{"id":"${proved}"`));
      assert(path !== undefined, `${proved} is in no object`);
      writeFileSync(path, gzipSync(linesOf(path).replace('"provider":"openai"', '"provider":"google"')));
      const { status, stdout } = verify();
      assert.equal(status, NOT_VERIFIED, `ended with ${status}: ${stdout}`);
      assert.match(stdout, /^edited /m);
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const linesOf = (path: string): string => gunzipSync(readFileSync(path)).toString('utf8');
