import { AT_HOME, EVERYWHERE, may, type Name } from './function-cases';
import { ACCOUNT, resourcesOf, synthesized, templateOf, type Template } from '../synthesized';

/**
 * Lambda ends a chain function, SQS, same function after about 16 rounds, and drops its message into the dead-letter queue (Lambda
 * Developer Guide, "Use Lambda recursive loop detection"; boto/boto3#3899), unless the function says that it is meant so.
 */
const functionsIn = (template: Template) =>
  resourcesOf(template, 'AWS::Lambda::Function').map(([id, { Properties }]) => ({
    id,
    name: String(Properties['FunctionName']).replace(/^keyward-/, ''),
    recursiveLoop: Properties['RecursiveLoop'],
  }));

const isOurs = (name: string): name is Name => ([...EVERYWHERE, ...AT_HOME] as readonly string[]).includes(name);

/** Stacks of the home region with functions that queues trigger. */
const STACKS = ['keyward-operations', 'keyward-log-us-east-1'];

/** Which function a queue triggers. */
const triggers = (): readonly { readonly queueArn: string; readonly functionId: string }[] =>
  STACKS.map(templateOf).flatMap((template) =>
    resourcesOf(template, 'AWS::Lambda::EventSourceMapping').flatMap(([, { Properties }]) => {
      const [queueId] = (Properties['EventSourceArn'] as { 'Fn::GetAtt': [string] })['Fn::GetAtt'];
      const { QueueName } = template.Resources[queueId]!.Properties;
      if (typeof QueueName !== 'string') return [];
      return {
        queueArn: `arn:aws:sqs:us-east-1:${ACCOUNT}:${QueueName}`,
        functionId: (Properties['FunctionName'] as { Ref: string }).Ref,
      };
    }),
  );

test('a function may send to the queue that triggers it exactly if its recursion is allowed', async () => {
  const functions = STACKS.map(templateOf).flatMap(functionsIn);
  const feeding: string[] = [];
  for (const { queueArn, functionId } of triggers()) {
    const { name } = functions.find(({ id }) => id === functionId)!;
    if (!isOurs(name)) throw new Error(`a queue triggers ${name}`);
    if (await may(name, 'us-east-1', 'sqs:SendMessage', queueArn)) feeding.push(name);
  }
  expect(triggers()).toHaveLength(3);
  expect(feeding).toEqual(['rotation-worker', 'archive-events']);
  const allowed = [...synthesized().templates.values()]
    .flatMap(functionsIn)
    .filter(({ recursiveLoop }) => recursiveLoop === 'Allow')
    .map(({ name }) => name);
  expect(new Set(allowed)).toEqual(new Set(feeding));
});

test('no function invokes one that invokes it, and no queue leads to another one that leads back', async () => {
  const graph = new Map<Name, Name[]>();
  const functions = STACKS.map(templateOf).flatMap(functionsIn);
  const all = [...EVERYWHERE, ...AT_HOME];
  for (const from of all) {
    const invoked = await Promise.all(
      all.map((to) =>
        may(from, 'us-east-1', 'lambda:InvokeFunction', `arn:aws:lambda:us-east-1:${ACCOUNT}:function:keyward-${to}`),
      ),
    );
    const sent = await Promise.all(
      triggers().map(({ queueArn }) => may(from, 'us-east-1', 'sqs:SendMessage', queueArn)),
    );
    const served = triggers()
      .filter((_, index) => sent[index])
      .map(({ functionId }) => functions.find(({ id }) => id === functionId)!.name as Name);
    graph.set(from, [...all.filter((_, index) => invoked[index]), ...served.filter((to) => to !== from)]);
  }
  const reaches = (from: Name, seen: ReadonlySet<Name>): readonly Name[] =>
    graph.get(from)!.flatMap((to) => (seen.has(to) ? [to] : [to, ...reaches(to, new Set([...seen, to]))]));
  for (const each of all) expect([each, reaches(each, new Set()).includes(each)]).toEqual([each, false]);
});
