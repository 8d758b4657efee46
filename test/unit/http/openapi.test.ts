import { execFileSync } from 'node:child_process';
import * as z from 'zod/mini';
import type { Operation } from '../../../lambdas/core/http/operation';
import { OPERATION_IDS, OPERATIONS, openApiDocument } from '../../../lambdas/core/runtime/operations';
import { EXAMPLES } from './examples';

interface DescribedOperation {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: object; readonly headers?: object }>
  >;
}

const document = openApiDocument('1.2.3') as unknown as {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly security: unknown;
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly securitySchemes: unknown };
};
const operationOf = (route: Operation) => document.paths[route.path]![route.method.toLowerCase()]!;

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', () => {
    // The validator is an ES module, which jest's CommonJS cannot load; a process of its own can.
    const script = `
      import { Validator } from '@seriousme/openapi-schema-validator';
      let text = '';
      for await (const chunk of process.stdin) text += chunk;
      const validator = new Validator();
      const { valid, errors } = await validator.validate(JSON.parse(text));
      process.stdout.write(JSON.stringify({ valid, errors, version: validator.version }));`;
    const validate = (input: unknown) =>
      JSON.parse(
        execFileSync(process.execPath, ['--input-type=module', '-e', script], {
          input: JSON.stringify(input),
          encoding: 'utf8',
        }),
      ) as object;
    expect(validate(document)).toStrictEqual({ valid: true, version: '3.1' });
    expect(validate({ ...document, info: {} })).toMatchObject({ valid: false });
  });

  it('has every route once, and nothing else', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`),
    );
    const routes = OPERATION_IDS.map((id) => `${id} ${OPERATIONS[id].method} ${OPERATIONS[id].path}`);
    expect(described.sort()).toStrictEqual(routes.sort());
    expect(document.info.version).toBe('1.2.3');
  });

  it.each(OPERATION_IDS)('describes %s as its route does', (id) => {
    const route: Operation = OPERATIONS[id];
    const operation = operationOf(route);
    expect(operation.security).toStrictEqual(route.authenticated ? undefined : []);
    expect('requestBody' in operation).toBe(route.request !== undefined);
    // RFC 9110 section 9.3.2.
    expect(Object.values(operation.responses).some(({ content }) => content !== undefined)).toBe(
      route.method !== 'HEAD',
    );
    const statuses = [...route.statuses, ...route.problems].map(String);
    expect(Object.keys(operation.responses).sort()).toStrictEqual(statuses.sort());
    const inPath = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
    expect(inPath).toStrictEqual(route.path.match(/\{\w+\}/g) ?? []);
    const { request, reply } = EXAMPLES[id];
    expect([request !== undefined, reply !== undefined]).toStrictEqual([!!route.request, !!route.reply]);
    if (route.request) expect(z.parse(route.request, request)).toStrictEqual(request);
    if (route.reply) expect(z.parse(route.reply, reply)).toStrictEqual(reply);
  });

  it.each(OPERATION_IDS)('says how long the body of %s may be', (id) => {
    const { maxBodyBytes, method } = OPERATIONS[id];
    const { requestBody, responses } = operationOf(OPERATIONS[id]);
    if (requestBody !== undefined) {
      expect(requestBody).toMatchObject({
        'x-max-bytes': maxBodyBytes,
        description: `At most ${maxBodyBytes} bytes.`,
      });
    }
    const isLimited = method !== 'GET' && method !== 'HEAD';
    expect(responses['413']?.description).toEqual(
      isLimited ? expect.stringMatching(new RegExp(`: the body has more than ${maxBodyBytes} bytes\\.$`)) : undefined,
    );
  });

  it('has every schema that it refers to', () => {
    const text = JSON.stringify(document);
    const references = Array.from(text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g), ([, name]) => name);
    expect(references.length).toBeGreaterThan(OPERATION_IDS.length);
    for (const name of references) expect(Object.keys(document.components.schemas)).toContain(name);
    expect(text).not.toContain('$schema');
  });

  it('shows query values as what they stand for', () => {
    const { parameters } = operationOf(OPERATIONS.queryAuditEvents);
    const limit = parameters.find(({ name }) => name === 'limit');
    expect(limit).toMatchObject({ in: 'query', schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 } });
    expect(parameters.map(({ name }) => name)).toStrictEqual(Object.keys(OPERATIONS.queryAuditEvents.query.shape));
  });

  it('asks for a signature', () => {
    expect(document.security).toStrictEqual([{ sigv4: [] }]);
    expect(document.components.securitySchemes).toMatchObject({
      sigv4: { type: 'apiKey', name: 'Authorization', 'x-amazon-apigateway-authtype': 'awsSigv4' },
    });
  });
});
