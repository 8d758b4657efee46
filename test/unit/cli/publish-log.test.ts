import { handOverLog, publishLog } from '../../../cli/commands/publish-log';
import { CliError, EXIT } from '../../../cli/io/cli-error';
import { cliFailureOf } from '../../doubles/cli-failure-of';
import { CliStage } from '../../doubles/cli-stage';
import { REGION, servedLog } from './served-log';

const checkpoints = (time: string | null, size: number | null = 7) => ({
  checkpoints: [{ region: 'us-east-1', size, cosigned_at: time }],
});
const [OLD, NEW] = ['2026-11-21T09:00:00.000Z', '2026-11-21T09:20:00.000Z'];
const running = { region: 'us-east-1', finished: false, size: null, added: null };

test('publishes what is not published yet, and prints how much that was', async () => {
  const { serve, grow, world, log } = servedLog();
  await grow(2);
  const before = log.values.get('checkpoint')!.bytes;
  world.clock.time += 5_000;
  const stage = new CliStage(serve);
  await publishLog(stage.session, [], { 'log-region': REGION });
  expect(stage.stdout.text).toMatch(/^region +eu-west-1\nfinished +true\nsize +2\nadded +0\n$/);
  expect(log.values.get('checkpoint')!.bytes.equals(before)).toBe(false);
  expect(stage.calls.at(-1)?.body).toEqual({ action: 'publish', region: REGION });
});

test('follows a publication that takes longer until the log is cosigned anew', async () => {
  const stage = new CliStage([checkpoints(OLD), running, checkpoints(OLD), checkpoints(OLD), checkpoints(NEW, 9)]);
  await publishLog(stage.session, [], {});
  expect(stage.stdout.text).toMatch(/^region +us-east-1\nfinished +true\nsize +9\n$/);
  expect(stage.stderr.text).toContain('goes on by itself');
  const first = new CliStage([checkpoints(null, null), running, checkpoints(null, null), checkpoints(NEW, 1)]);
  await publishLog(first.session, [], {});
  expect(first.stdout.text).toMatch(/size +1\n$/);
});

test('hands over, and follows that', async () => {
  const stage = new CliStage([checkpoints(OLD), running, checkpoints(NEW, 9)]);
  await handOverLog(stage.session, [], {});
  expect(stage.calls[1]?.body).toEqual({ action: 'hand-over' });
  expect(stage.stdout.text).toMatch(/size +9\n$/);
});

test('does not follow with --no-wait, or for a caller who may not read the audit log', async () => {
  const noWait = new CliStage([running]);
  await publishLog(noWait.session, [], { 'no-wait': true });
  expect(noWait.stdout.text).toMatch(/finished +false/);
  const refused = new CliError(EXIT.refused, 'access_denied', 'may not');
  const mayPublish = new CliStage([refused, running]);
  await publishLog(mayPublish.session, [], {});
  expect(mayPublish.stdout.text).toMatch(/finished +false/);
});

test('ends with the failure of the service, and gives up what never ends', async () => {
  const nothing = new CliError(EXIT.notFound, 'log_not_found', 'no log');
  expect(await cliFailureOf(publishLog(new CliStage([nothing]).session, [], {}))).toBe(nothing);
  const stage = new CliStage(({ method }) => (method === 'POST' ? running : checkpoints(OLD)));
  const failure = await cliFailureOf(publishLog(stage.session, [], {}));
  expect([failure.code, failure.exitCode]).toEqual(['not_published', EXIT.unavailable]);
});
