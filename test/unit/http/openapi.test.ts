import { execFileSync } from 'node:child_process';
import { license, version } from '../../../package.json';
import { documentFor } from '../../../local/gateway/api-docs';
import { PROBLEM_MEANINGS } from '../../../lambdas/core/contract/problem-meanings';
import { ERROR_CODES, PROBLEM_STATUSES, type ErrorCode } from '../../../lambdas/core/contract/problems';
import * as z from 'zod/mini';
import type { Operation } from '../../../lambdas/core/http/operation';
import { OPERATION_IDS, OPERATIONS, openApiDocument } from '../../../lambdas/core/runtime/operations';
import { EXAMPLES } from './examples';

interface DescribedReply {
  readonly description: string;
  readonly headers?: object;
  readonly content?: Readonly<
    Record<string, { readonly examples?: Readonly<Record<string, { readonly value: { readonly detail: string } }>> }>
  >;
}

interface OpenEnumeration {
  readonly anyOf: readonly { readonly const?: ErrorCode; readonly description: string }[];
  readonly 'x-extensible-enum': readonly string[];
}

const SENTENCE = expect.stringMatching(/^[A-Z`].{10,}\.$/) as string;

interface DescribedOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly description: string;
    readonly schema: object;
  }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, DescribedReply>>;
}

const document = openApiDocument('1.2.3') as unknown as {
  readonly openapi: string;
  readonly info: { readonly version: string; readonly license: object };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
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
    const statuses = [...route.statuses, ...new Set(route.problems.map((code) => PROBLEM_STATUSES[code]))].map(String);
    expect(Object.keys(operation.responses).sort()).toStrictEqual(statuses.sort());
    const inPath = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
    expect(inPath).toStrictEqual(route.path.match(/\{\w+\}/g) ?? []);
    const { request, reply } = EXAMPLES[id];
    expect([request !== undefined, reply !== undefined]).toStrictEqual([!!route.request, !!route.reply]);
    if (route.request) expect(z.parse(route.request, request)).toStrictEqual(request);
    if (route.reply) expect(z.parse(route.reply, reply)).toStrictEqual(reply);
  });

  it.each(OPERATION_IDS)('says how long the body of %s may be', (id) => {
    const { maxBodyBytes, ignoresInput } = OPERATIONS[id];
    const { requestBody, responses } = operationOf(OPERATIONS[id]);
    if (requestBody !== undefined) {
      expect(requestBody).toMatchObject({
        'x-max-bytes': maxBodyBytes,
        description: `At most ${maxBodyBytes} bytes.`,
      });
    }
    const { description } = responses['413'] ?? {};
    expect(description?.split('\n')[0]).toEqual(
      ignoresInput
        ? undefined
        : expect.stringMatching(new RegExp(`: the body has more than ${maxBodyBytes} bytes\\.$`)),
    );
  });

  it.each(OPERATION_IDS)('says what a caller of %s has to know', (id) => {
    const { summary, description, tags, parameters, responses } = operationOf(OPERATIONS[id]);
    for (const text of [summary, description]) expect(text).toMatch(/^[A-Z0-9].{10}/);
    expect(description).toMatch(/\.$/);
    expect(description.includes('secret in plaintext')).toBe(OPERATIONS[id].plaintext);
    expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining([...tags]));
    for (const parameter of parameters)
      expect([parameter.name, parameter.description]).toEqual([parameter.name, SENTENCE]);
    for (const { description: text } of Object.values(responses)) expect(text).toMatch(/.\./);
  });

  it.each(OPERATION_IDS)('shows of each code of %s one reply, and what it means', (id) => {
    const route: Operation = OPERATIONS[id];
    const { responses } = operationOf(route);
    const shown: string[] = [];
    for (const [status, { description, content = {}, headers }] of Object.entries(responses)) {
      if (Number(status) < 400) continue;
      expect('retry-after' in headers!).toBe(['429', '503'].includes(status));
      const examples = content['application/problem+json']?.examples ?? {};
      for (const [code, { value }] of Object.entries(examples)) {
        expect(value).toMatchObject({ code, status: Number(status) });
        expect(value.detail).toMatch(/^[^.]+[^.]$/);
        expect(description).toContain(`- \`${code}\`: ${PROBLEM_MEANINGS[code as ErrorCode].meaning}`);
        shown.push(code);
      }
    }
    expect(shown).toEqual(route.method === 'HEAD' ? [] : route.problems);
  });

  it('says of a call with preconditions that they may not hold, and of each with a name or an id that there may be none', () => {
    for (const id of OPERATION_IDS) {
      const { path, method, problems, preconditions }: Operation = OPERATIONS[id];
      expect([id, problems.includes('precondition_failed')]).toEqual([id, preconditions.length > 0]);
      const [, parameter = ''] = /\{(name|rotation_id|id)\}/.exec(path) ?? [];
      const missing: Readonly<Record<string, string>> = {
        name: 'credential_not_found',
        rotation_id: 'rotation_not_found',
        id: 'audit_event_not_found',
      };
      if (parameter !== '' && method !== 'PUT')
        expect([id, problems]).toEqual([id, expect.arrayContaining([missing[parameter]])]);
    }
  });

  it('has every error code as an open enumeration, with its meaning, wherever a code is answered', () => {
    const { ErrorCode, Problem, Failure, Readiness } = document.components.schemas as Readonly<
      Record<string, OpenEnumeration>
    >;
    const known = ErrorCode!.anyOf.filter((each) => each.const !== undefined);
    expect(known.map((each) => each.const)).toEqual(ERROR_CODES);
    for (const { const: code, description } of known) {
      const { meaning, action } = PROBLEM_MEANINGS[code!];
      expect(description).toContain(`${meaning} ${action}`);
    }
    expect(ErrorCode!['x-extensible-enum']).toEqual(ERROR_CODES);
    expect(ErrorCode!.anyOf.at(-1)).toEqual({ type: 'string', description: expect.any(String) as string });
    const ref = '{"$ref":"#/components/schemas/ErrorCode"}';
    for (const schema of [Problem, Failure, Readiness]) expect(JSON.stringify(schema)).toContain(`"code":${ref}`);
  });

  it('leaves replies open for members that are added, and requests closed', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect([name, JSON.stringify(schema).includes('"additionalProperties":false')]).toEqual([
        name,
        name.endsWith('Request'),
      ]);
    }
  });

  it('has the license of the package, where one is granted', () => {
    expect(document.info.license).toEqual({ name: 'No licence is granted', identifier: 'LicenseRef-UNLICENSED' });
    expect(openApiDocument('1.2.3', 'Apache-2.0')).toMatchObject({
      info: { license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    });
    const { body } = documentFor('/openapi.json')!;
    expect(JSON.parse(body.toString())).toEqual(openApiDocument(version, license));
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
