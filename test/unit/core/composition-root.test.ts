import { ENVIRONMENT } from '../../../lambdas/core/environment';
import { handler } from '../../../lambdas/health/handler';

const KEPT = { ...process.env };
const lines: string[] = [];

beforeEach(() => {
  lines.length = 0;
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...KEPT };
});

test('a function without its configuration says which variable it lacks to the log, and nothing to the caller', async () => {
  for (const name of Object.values(ENVIRONMENT)) Reflect.deleteProperty(process.env, name);
  const reply = await handler({});
  expect(reply.statusCode).toBe(500);
  expect(JSON.parse(reply.body)).toMatchObject({ code: 'internal' });
  expect(reply.body).not.toContain('AWS_REGION');
  expect(lines.join('')).toContain('AWS_REGION is not set');
});

test.each(['us-east-1', 'eu-west-1'])(
  'in %s: one runtime a process, made without asking anybody anything',
  async (region) => {
    await jest.isolateModulesAsync(async () => {
      process.env[ENVIRONMENT.region] = region;
      process.env[ENVIRONMENT.regions] = 'us-east-1,eu-west-1,ap-south-1';
      for (const name of [
        ENVIRONMENT.keysetsTable,
        ENVIRONMENT.credentialsTable,
        ENVIRONMENT.auditTable,
        ENVIRONMENT.rotationsTable,
        ENVIRONMENT.kekSecret,
      ]) {
        process.env[name] = 'some-name';
      }
      const fresh = await import('../../../lambdas/core/composition-root');
      const runtime = await fresh.fromEnvironment();
      expect(runtime.providers).toContain('openai');
      expect(await fresh.fromEnvironment()).toBe(runtime);
      runtime.logger.info('a line');
      expect(lines.join('')).toContain('"message":"a line"');
    });
  },
);
