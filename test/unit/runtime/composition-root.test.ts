import { ENVIRONMENT } from '../../../lambdas/core/contract/environment';
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

/** The environment that the stacks set, in one region. */
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
  process.env[ENVIRONMENT.dekRotationQueueUrl] = 'https://sqs.example.invalid/rotation';
}

describe.each(['us-east-1', 'eu-west-1'])(
  'in %s: one runtime a process, made without asking anybody anything',
  (region) => {
    test('behind the API', async () => {
      await jest.isolateModulesAsync(async () => {
        configure(region);
        const { apiRuntime, composeHealth } = await import('../../../lambdas/core/runtime/compose-api');
        const fromEnvironment = apiRuntime(composeHealth);
        const runtime = await fromEnvironment();
        expect(runtime.providers).toContain('openai');
        expect(await fromEnvironment()).toBe(runtime);
        runtime.logger.info('a line');
        expect(lines.join('')).toContain('"message":"a line"');
      });
    });

    test('for rotations behind the API', async () => {
      await jest.isolateModulesAsync(async () => {
        configure(region);
        const { apiRuntime, composeRotations } = await import('../../../lambdas/core/runtime/compose-api');
        const dekRotationsFromEnvironment = apiRuntime(composeRotations);
        const runtime = await dekRotationsFromEnvironment();
        expect(runtime.providers).toContain('openai');
        expect(await dekRotationsFromEnvironment()).toBe(runtime);
        expect(typeof runtime.application.rotate).toBe('function');
        runtime.flush?.();
      });
    });

    test('for what home asks every region', async () => {
      await jest.isolateModulesAsync(async () => {
        configure(region);
        const { composeProveKeyset, systemRuntime } = await import('../../../lambdas/core/runtime/compose-system');
        const proveKeysetFromEnvironment = systemRuntime(composeProveKeyset);
        const runtime = proveKeysetFromEnvironment();
        expect(runtime.providers).toContain('openai');
        expect(proveKeysetFromEnvironment()).toBe(runtime);
        runtime.flush();
      });
    });
  },
);

test('the worker and the sweep are made without asking anybody anything', async () => {
  await jest.isolateModulesAsync(async () => {
    configure('us-east-1');
    const { composeDekRotationWorker, composeSweep, systemRuntime } =
      await import('../../../lambdas/core/runtime/compose-system');
    const worker = systemRuntime(composeDekRotationWorker)();
    expect(worker).toMatchObject({ shardCount: 16, providers: expect.arrayContaining(['openai']) as string[] });
    const sweepFromEnvironment = systemRuntime(composeSweep);
    expect(sweepFromEnvironment()).toBe(sweepFromEnvironment());
  });
});

test.each([
  ['the queue', ENVIRONMENT.dekRotationQueueUrl],
  ['the function that proves', ENVIRONMENT.proveKeysetFunction],
])('rotations without %s are not served, and the log names what is missing', async (_, name) => {
  await jest.isolateModulesAsync(async () => {
    configure('us-east-1');
    Reflect.deleteProperty(process.env, name);
    const { apiRuntime, composeRotations } = await import('../../../lambdas/core/runtime/compose-api');
    await expect(apiRuntime(composeRotations)()).rejects.toMatchObject({ code: 'internal' });
    expect(lines.join('')).toContain(`${name} is not set`);
  });
});
