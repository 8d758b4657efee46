/**
 * PartiQL in front of a DynamoDB that has none: BatchExecuteStatement with INSERTs of the form that Keyward sends, as
 * conditional PutItems. What a statement may be, what stands in the answer and by which codes errors are called is DynamoDB's
 * (API Reference, "BatchExecuteStatement", "BatchStatementError"; Developer Guide, "PartiQL insert statements for DynamoDB");
 * the same tests run against DynamoDB Local, which has it.
 */

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Sends one operation of DynamoDB's JSON protocol. */
type SendOperation = (operation: string, body: string) => Promise<Answer>;

interface Statement {
  readonly Statement: string;
  readonly Parameters?: readonly unknown[];
}

const INSERT = /^INSERT INTO "([A-Za-z0-9_.-]+)" VALUE \{('[a-z_0-9]+':\?(?:,'[a-z_0-9]+':\?)*)\}$/;
const MOST_STATEMENTS = 25;

/** The codes of a failed statement, by the error of its PutItem. */
const CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  ConditionalCheckFailedException: 'DuplicateItem',
  ProvisionedThroughputExceededException: 'ProvisionedThroughputExceeded',
  ResourceNotFoundException: 'ResourceNotFound',
  ThrottlingException: 'ThrottlingError',
  ValidationException: 'ValidationError',
};

const invalid: Answer = {
  status: 400,
  body: '{"__type":"com.amazon.coral.validate#ValidationException","message":"the batch is not valid"}',
};

export async function answerBatchExecuteStatement(body: string, send: SendOperation): Promise<Answer> {
  const { Statements: statements = [] } = JSON.parse(body) as { Statements?: Statement[] };
  if (statements.length === 0 || statements.length > MOST_STATEMENTS) return invalid;
  const puts = statements.map(toPut);
  const keys = puts.flatMap((put) =>
    put === undefined ? [] : [JSON.stringify([put.Item['bucket'], put.Item['event_key']])],
  );
  if (new Set(keys).size !== keys.length) return invalid;
  const Responses = await Promise.all(
    puts.map(async (put) => {
      if (put === undefined) return { Error: { Code: 'ValidationError', Message: 'not a statement' } };
      const { status, body: text } = await send('PutItem', JSON.stringify(put));
      if (status === 200) return { TableName: put.TableName };
      const name = (JSON.parse(text) as { __type: string }).__type.split('#').pop() ?? '';
      return { Error: { Code: CODES[name] ?? 'InternalServerError', Message: name } };
    }),
  );
  return { status: 200, body: JSON.stringify({ Responses }) };
}

/** The PutItem of an INSERT; undefined if the statement is none. */
function toPut({ Statement, Parameters = [] }: Statement) {
  const [, TableName = '', members = ''] = INSERT.exec(Statement) ?? [];
  const names = members.split(',').map((each) => each.slice(1, -3));
  if (TableName === '' || names.length !== Parameters.length || new Set(names).size !== names.length) return undefined;
  return {
    TableName,
    Item: Object.fromEntries(names.map((name, index) => [name, Parameters[index]])) as Record<string, unknown>,
    ConditionExpression: 'attribute_not_exists(#bucket)',
    ExpressionAttributeNames: { '#bucket': 'bucket' },
  };
}

/** The table and the items of a batch of INSERTs, for tests that check requests. */
export function insertsOf(body: Readonly<Record<string, unknown>>): {
  table: string;
  items: readonly Record<string, unknown>[];
} {
  const puts = ((body['Statements'] ?? []) as Statement[]).flatMap((statement) => toPut(statement) ?? []);
  return { table: puts[0]?.TableName ?? '', items: puts.map(({ Item }) => Item) };
}
