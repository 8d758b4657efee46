import { ENVIRONMENT } from '../../../lambdas/core/runtime/environment';
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

/** As the stacks set it, in one region. */
function configure(region: string): void {
  for (const name of Object.values(ENVIRONMENT)) Reflect.deleteProperty(process.env, name);
  process.env[ENVIRONMENT.region] = region;
  process.env[ENVIRONMENT.regions] = 'us-east-1,eu-west-1,ap-south-1';
  for (const name of [
    ENVIRONMENT.keysetsTable,
    ENVIRONMENT.credentialsTable,
    ENVIRONMENT.auditTable,
    ENVIRONMENT.rotationsTable,
    ENVIRONMENT.kekSecret,
    ENVIRONMENT.proveKeysetFunction,
  ]) {
    process.env[name] = 'some-name';
  }
  process.env[ENVIRONMENT.rewrapQueueUrl] = 'https://sqs.example.invalid/rewrap';
  process.env[ENVIRONMENT.rotationQueueUrl] = 'https://sqs.example.invalid/rotation';
}

describe.each(['us-east-1', 'eu-west-1'])(
  'in %s: one runtime a process, made without asking anybody anything',
  (region) => {
    test('behind the API', async () => {
      await jest.isolateModulesAsync(async () => {
        configure(region);
        const fresh = await import('../../../lambdas/core/runtime/composition-root');
        const runtime = await fresh.fromEnvironment();
        expect(runtime.providers).toContain('openai');
        expect(await fresh.fromEnvironment()).toBe(runtime);
        runtime.logger.info('a line');
        expect(lines.join('')).toContain('"message":"a line"');
      });
    });

    test('for rotations behind the API', async () => {
      await jest.isolateModulesAsync(async () => {
        configure(region);
        const fresh = await import('../../../lambdas/core/runtime/compose-rotations-api');
        const runtime = await fresh.rotationsFromEnvironment();
        expect(runtime.providers).toContain('openai');
        expect(await fresh.rotationsFromEnvironment()).toBe(runtime);
        expect(typeof runtime.application.rotate).toBe('function');
        runtime.flush?.();
      });
    });

    test('for what home asks every region', async () => {
      await jest.isolateModulesAsync(async () => {
        configure(region);
        const fresh = await import('../../../lambdas/core/runtime/compose-prove-keyset');
        const runtime = fresh.proveKeysetFromEnvironment();
        expect(runtime.providers).toContain('openai');
        expect(fresh.proveKeysetFromEnvironment()).toBe(runtime);
        runtime.flush();
      });
    });
  },
);

test('the worker and the sweep are made without asking anybody anything', async () => {
  await jest.isolateModulesAsync(async () => {
    configure('us-east-1');
    const worker = (
      await import('../../../lambdas/core/runtime/compose-rotation-worker')
    ).rotationWorkerFromEnvironment();
    expect(worker).toMatchObject({ shardCount: 16, providers: expect.arrayContaining(['openai']) as string[] });
    const { sweepFromEnvironment } = await import('../../../lambdas/core/runtime/compose-sweep');
    expect(sweepFromEnvironment()).toBe(sweepFromEnvironment());
  });
});

test.each([
  ['the queue', ENVIRONMENT.rotationQueueUrl],
  ['the function that proves', ENVIRONMENT.proveKeysetFunction],
])('rotations without %s are not served, and the log names what is missing', async (_, name) => {
  await jest.isolateModulesAsync(async () => {
    configure('us-east-1');
    Reflect.deleteProperty(process.env, name);
    const fresh = await import('../../../lambdas/core/runtime/compose-rotations-api');
    await expect(fresh.rotationsFromEnvironment()).rejects.toMatchObject({ code: 'internal' });
    expect(lines.join('')).toContain(`${name} is not set`);
  });
});
