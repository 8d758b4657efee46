import { PROBLEM_STATUSES, type ErrorCode } from '../../../lambdas/core/contract/problems';
import { openApiDocument, OPERATIONS, type OperationId } from '../../../lambdas/core/runtime/operations';

export type Body = Readonly<Record<string, unknown>>;
interface Responses {
  readonly responses: Readonly<
    Record<
      string,
      { readonly content?: Readonly<Record<string, { readonly examples?: Readonly<Record<string, { value: Body }>> }>> }
    >
  >;
}
const { paths } = openApiDocument('1.2.3') as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Responses>>>>;
};

/** The documented reply for a code of a call. */
export function exampleOf(id: OperationId, code: ErrorCode): Body {
  const { path, method } = OPERATIONS[id];
  const { content } = paths[path]![method.toLowerCase()]!.responses[PROBLEM_STATUSES[code]]!;
  return content!['application/problem+json']!.examples![code]!.value;
}

/** Everything except the members that identify the request. */
export const shown = ({ request_id: _, ...body }: Body): Body => body;

/** Expects a reply to be the documented one. */
export async function expectExample(
  id: OperationId,
  code: ErrorCode,
  reply: Promise<{ statusCode: number; body: string }>,
) {
  const { statusCode, body } = await reply;
  expect([id, statusCode, shown(JSON.parse(body) as Body)]).toEqual([
    id,
    PROBLEM_STATUSES[code],
    shown(exampleOf(id, code)),
  ]);
}
