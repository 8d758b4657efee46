import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AMPLE_MS } from '../../ample-limits';
import { until } from '../../until';
import { allAuditEvents } from '../audit-pages';
import { LocalProcess, temporaryHome } from './local-process';

const CALLS = 5;

test(
  'a torn end and a flipped bit in the audit journal: both are in the log with their place, and all else is shown',
  async () => {
    const { home, remove } = temporaryHome();
    try {
      const first = await LocalProcess.start(home);
      const answered: string[] = [];
      for (let made = 0; made < CALLS; made += 1) {
        const reply = await first.call('POST', '/v1/providers/openai/encrypt', {
          plaintext: 'sk-example-not-a-real-key',
        });
        expect(reply.status).toBe(200);
        answered.push(reply.headers.get('x-request-id') ?? '');
      }
      await first.stop('SIGKILL');

      const audit = join(home, 'audit');
      const [file = ''] = readdirSync(audit)
        .filter((name) => name.endsWith('.jsonl'))
        .toSorted()
        .toReversed();
      const segment = file.slice(0, -'.jsonl'.length);
      const bytes = readFileSync(join(audit, file));
      const [hit = '', ...intact] = answered;
      const at = bytes.indexOf(hit);
      expect(at).toBeGreaterThan(0);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      const torn = Buffer.from('{"id":"0123","timestamp":"2026');
      writeFileSync(join(audit, file), Buffer.concat([bytes, torn]));

      const second = await LocalProcess.start(home);
      const lines = (): readonly Record<string, unknown>[] =>
        second.output.split('\n').flatMap((line) => {
          const json = line.slice(line.indexOf('{'));
          return json.startsWith('{"level"') ? [JSON.parse(json) as Record<string, unknown>] : [];
        });
      const known = (asked: (line: Record<string, unknown>) => boolean) =>
        until('the log says it', () => lines().find(asked));
      expect(await known(({ offset }) => offset === bytes.length)).toMatchObject({
        level: 'WARN',
        segment,
        bytes: torn.length,
      });
      expect(readFileSync(join(audit, 'set-aside', `${segment}.${bytes.length}`)).equals(torn)).toBe(true);

      const events = await allAuditEvents((method, path) => second.call(method, path), 'event_type=encrypt');
      expect(events.map(({ request_id: id }) => id)).toEqual(expect.arrayContaining(intact));
      expect(events.filter(({ request_id: id }) => intact.includes(id)).some((event) => 'damaged' in event)).toBe(
        false,
      );
      expect(events.map(({ request_id: id }) => id)).not.toContain(hit);
      const damage = await known(({ level, segment: of }) => level === 'ERROR' && of === segment);
      const offset = Number(damage?.['offset']);
      expect(offset).toBeLessThanOrEqual(at);
      expect(offset + Number(damage?.['bytes'])).toBeGreaterThan(at);
      expect(await second.stop()).toBe(0);
    } finally {
      remove();
    }
  },
  AMPLE_MS,
);
