import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ROOT } from '../../../compile/root';
import { run } from '../../../cli/run';
import { Sink, StagedTime, ROTATION_ID, dekRotationReply } from '../../doubles/cli-stage';
import { screenOf } from '../../doubles/terminal-screen';
import { answered } from '../../reply-body';
import { COURSE, problem, DekRotationService } from './cli-dek-rotation-service';
import { LocalProcess, temporaryHome } from '../local/local-process';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const double = temporaryHome();
const environment = (url: string, home = double.home): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  AWS_EC2_METADATA_DISABLED: 'true',
  KEYWARD_HOME: home,
  KEYWARD_ENDPOINT: url,
});

beforeAll(() => {
  // No real key: the double checks only the form of a signature.
  const made = 'aws_access_key_id = EXAMPLEEXAMPLEEXAMPLE\naws_secret_access_key = example\n';
  mkdirSync(double.home);
  writeFileSync(join(double.home, 'credentials'), `[default]\n${made}`);
});
afterAll(double.remove);

async function ran(
  argv: readonly string[],
  env: Record<string, string>,
  { time = new StagedTime(), isTerminal = false } = {},
): Promise<Ended> {
  const stdout = new Sink();
  const stderr = new Sink(isTerminal);
  const code = await run(argv, { stdin: Readable.from([]), stdout, stderr, env, waiting: time });
  return { code, out: stdout.text, err: stderr.text };
}

async function against(
  service: DekRotationService,
  argv: readonly string[],
  how: Parameters<typeof ran>[2] = {},
): Promise<Ended> {
  await service.listen();
  try {
    return await ran(argv, environment(service.url), how);
  } finally {
    service.close();
  }
}

describe('against a service that behaves as it is told', () => {
  test('rotate in a pipe: lines while it goes on, and the result as JSON', async () => {
    const service = new DekRotationService();
    const { code, out, err } = await against(service, ['rotate', 'openai', '--reason', 'a test', '--json']);
    expect([code, service.started]).toEqual([0, 1]);
    expect(JSON.parse(out)).toEqual(COURSE.at(-1));
    const codes = err.trimEnd().split('\n');
    expect(codes.map((line) => (JSON.parse(line) as { code: string }).code)).toEqual([
      'publishing',
      'rekeying',
      'completed',
    ]);
    expect(service.received[0]?.body).toEqual({ reason: 'a test' });
  });

  test('rotate on a terminal: nothing of the bar stays, and nobody listens to Ctrl-C any more', async () => {
    const time = new StagedTime();
    const { code, out, err } = await against(new DekRotationService(), ['rotate', 'openai'], {
      time,
      isTerminal: true,
    });
    expect([code, out]).toEqual([0, expect.stringMatching(/status +completed\n/)]);
    expect(err).toContain('] 12%  250 of 1,000 values');
    expect(screenOf(err, 80)).toEqual([]);
    expect(time.isListened).toBe(false);
  });

  test('an answer that is lost, or a 503, does not start a second rotation', async () => {
    const service = new DekRotationService(COURSE, (_, count) => {
      if (count === 1) return 'hang up';
      return count === 2 ? problem(503, 'outcome_unknown', {}, { 'retry-after': '9' }) : undefined;
    });
    const time = new StagedTime();
    const { code } = await against(service, ['rotate', 'openai'], { time });
    expect([code, service.started]).toEqual([0, 1]);
    expect(new Set(service.received.slice(0, 3).map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(time.pauses.slice(0, 2)).toEqual([1_000, 9_000]);
  });

  test('one is running already', async () => {
    const service = new DekRotationService();
    service.started = 1;
    const { code, out, err } = await against(service, ['rotate', 'openai']);
    expect([code, out]).toEqual([5, '']);
    expect(err).toContain(`keyward rotation watch openai ${ROTATION_ID} (request r-1)`);
    const again = new DekRotationService();
    again.started = 1;
    const asJson = await against(again, ['rotate', 'openai', '--json']);
    expect(JSON.parse(asJson.err)).toMatchObject({ code: 'rotation_running', rotation_id: ROTATION_ID });
  });

  test('an id that is none is not shown as one', async () => {
    const service = new DekRotationService(COURSE, () =>
      problem(409, 'rotation_running', { rotation_id: 'x; reboot' }),
    );
    const { code, err } = await against(service, ['rotate', 'openai']);
    expect([code, err]).toEqual([5, 'keyward: rotation_running: as the service says it (request r-1)\n']);
  });

  test('with failures: 7, by name', async () => {
    const failed = dekRotationReply({
      status: 'completed_with_failures',
      counts: { total: 9, moved: 8, failed: 1 },
      ended_at: '2026-11-21T00:05:00.000Z',
      failures: ['damaged'],
    });
    const { code, out, err } = await against(new DekRotationService([failed]), ['rotation', 'watch', 'openai']);
    expect([code, out]).toEqual([7, expect.stringMatching(/does_not_decrypt +damaged\n$/)]);
    expect(err).toMatch(/keyward: completed_with_failures: 1 .*\n$/);
  });

  test('a dry run goes through all parts and starts nothing', async () => {
    const service = new DekRotationService();
    const { code, out } = await against(service, ['rotate', 'openai', '--dry-run', '--json']);
    expect([code, service.started]).toEqual([7, 0]);
    expect(JSON.parse(out)).toMatchObject({
      credentials: 300,
      would_move: 299,
      undecryptable: ['damaged'],
      by_version: [{ key_version: 1, credentials: 300 }],
      estimated_seconds: 205,
    });
  });

  test.each([false, true])(
    'Ctrl-C: 130 and the command that watches on, also in the middle of a request: %s',
    async (isSilent) => {
      let follow = (): void => undefined;
      const isFollowing = new Promise<void>((resolveFollowing) => {
        follow = resolveFollowing;
      });
      const service = new DekRotationService([dekRotationReply()], ({ method }) => {
        if (!isSilent || method !== 'GET') return undefined;
        follow();
        return 'say nothing';
      });
      await service.listen();
      const child = spawn(process.execPath, [join(ROOT, 'bin/keyward.cjs'), 'rotate', 'openai'], {
        env: environment(service.url),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => {
        err += chunk.toString();
        if (err.includes('publishing')) follow();
      });
      const closed = once(child, 'close');
      await Promise.race([isFollowing, closed]);
      const pressed = performance.now();
      child.kill('SIGINT');
      await closed;
      service.close();
      expect([child.exitCode, out]).toEqual([130, '']);
      expect(err).toMatch(/keyward: interrupted: the rotation continues; .* rotation watch openai \w{32}\n$/);
      // A client that waits for the answer would wait 35 seconds.
      expect(performance.now() - pressed).toBeLessThan(20_000);
    },
  );
});

describe('against npm start', () => {
  const { home, remove } = temporaryHome();
  let server: LocalProcess;

  const local = (...argv: string[]): Promise<Ended> => ran(argv, environment(server.url, home));
  const jsonOf = ({ code, out, err }: Ended): Record<string, unknown> => {
    expect([code, err]).toEqual([0, '']);
    return JSON.parse(out) as Record<string, unknown>;
  };

  beforeAll(async () => {
    server = await LocalProcess.start(home);
    const stored = { api_key: 'sk-example-not-a-real-key' };
    answered(await server.call('PUT', '/v1/providers/openai/credentials/main', stored));
  });
  afterAll(async () => {
    await server.stop();
    remove();
  });

  test('a dry run', async () => {
    expect(jsonOf(await local('rotate', 'openai', '--dry-run', '--json'))).toMatchObject({
      from_version: 1,
      to_version: 2,
      by_version: [{ key_version: 1, credentials: 1 }],
      undecryptable: [],
      would_move: 1,
    });
  });

  test('a rotation: started once, shown, listed, refused a second time, aborted', async () => {
    const start = ['rotate', 'google', '--no-wait', '--idempotency-key', 'the-same', '--json'];
    const started = jsonOf(await local(...start));
    expect(started).toMatchObject({ provider: 'google', status: 'publishing', version: 2 });
    const id = String(started['rotation_id']);
    expect(jsonOf(await local(...start))['rotation_id']).toBe(id);
    expect(jsonOf(await local('rotation', 'show', 'google', 'latest', '--json'))['rotation_id']).toBe(id);
    expect((await local('rotation', 'show', 'google', id)).out).toContain('region ');
    expect((await local('rotation', 'list', 'google')).out).toMatch(
      new RegExp(`^ROTATION_ID +STATUS[^]*${id} +publish`),
    );
    const second = await local('rotate', 'google');
    expect([second.code, second.out]).toEqual([5, '']);
    expect(second.err).toContain(`keyward rotation watch google ${id}`);
    expect(jsonOf(await local('rotation', 'abort', 'google', id, '--json'))).toMatchObject({ status: 'aborted' });
    expect(await local('rotation', 'watch', 'google')).toMatchObject({
      code: 8,
      out: expect.stringMatching(/status +aborted\n/),
    });
    expect(await local('rotation', 'show', 'google', '0'.repeat(32))).toMatchObject({ code: 4 });
    expect(await local('rotation', 'show', 'anthropic', 'latest')).toMatchObject({ code: 4 });
    const audited = await local('audit', '--provider', 'google', '--key-version', '2', '--json');
    expect(audited.out).toContain('publish_version');
  });

  test('a policy, before and after', async () => {
    const set = await local('policy', 'set', 'openai', '--interval', '30', '--disable');
    expect(set.out).toMatch(/enabled +true -> false\n[^]*interval_days +90 -> 30\ngrace_period_days +7\n/);
    expect((await local('policy', 'show', 'openai')).out).toMatch(/enabled +false\ninterval_days +30\n/);
    const refused = await local('policy', 'set', 'openai', '--grace', '60');
    expect([refused.code, refused.err]).toEqual([5, expect.stringContaining('grace_period_days')]);
  });

  test('versions: who presents one, and what may not be destroyed', async () => {
    expect(jsonOf(await local('version', 'callers', 'openai', '1', '--json'))).toMatchObject({
      state: 'primary',
      callers: [],
    });
    const scheduled = await local('version', 'schedule-destruction', 'openai', '1', '--window', '7', '--yes');
    expect([scheduled.code, scheduled.err]).toEqual([5, expect.stringMatching(/^keyward: key_version_state: /)]);
    const cancelled = await local('version', 'cancel-destruction', 'openai', '1');
    expect([cancelled.code, cancelled.err]).toEqual([5, expect.stringMatching(/^keyward: key_version_state: /)]);
    expect(await local('version', 'callers', 'openai', '9')).toMatchObject({ code: 5 });
  });
});
