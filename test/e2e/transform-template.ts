/** A template as it was synthesized, as far as the transform looks into it. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly [section: string]: unknown;
}

interface Resource {
  readonly Type: string;
  readonly DependsOn?: string | readonly string[];
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/**
 * What MiniStack 1.5.33 cannot take, and why. Everything else is created as it was synthesized; what is left out here has
 * no proof in this test.
 */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'AWS::SecretsManager::RotationSchedule': 'unknown to it; its RotateSecret copies the value and calls no function',
  'AWS::SecretsManager::ResourcePolicy': 'unknown to it; the policy is evaluated in test/infra',
  'AWS::WAFv2::WebACLAssociation': 'unknown to it; requests never pass a web ACL there',
  'AWS::WAFv2::WebACL': 'watches nothing without its association',
  'AWS::SQS::QueuePolicy': 'denies what comes without TLS, and functions reach MiniStack by plain HTTP',
  'AWS::CloudWatch::Alarm': 'it refuses metric math (Properties.Metrics); nothing here counts on an alarm',
  'AWS::CloudWatch::Dashboard': 'shows the alarms, which are not there',
  'Custom::KeywardBootstrap':
    'asks RotateSecret for the first KEK, and would wait ten minutes for it; this test calls the function itself',
};

/** Sections that are left out of every template. */
const SECTIONS_LEFT_OUT: Readonly<Record<string, string>> = {
  Rules: 'they ask for the CDK bootstrap stack, which is not there',
  Parameters: 'the one there is, BootstrapVersion, reads from that stack',
};

/**
 * Conditions that are left out of the roles' policies: MiniStack has no value for this key, so that the statement would
 * never match. test/infra evaluates it.
 */
const CONDITION_LEFT_OUT = 'secretsmanager:VersionStage';

/**
 * "You cannot set permissions explicitly for SendMessageBatch" (SQS Developer Guide, "Amazon SQS batch actions"): the right to
 * send is that to send a batch. MiniStack asks for one of the batch's own.
 */
const ADDED_ACTIONS: Readonly<Record<string, string>> = { 'sqs:SendMessage': 'sqs:SendMessageBatch' };

function describeForMiniStack(key: string, value: unknown): unknown {
  if (key === 'Condition' && JSON.stringify(value).includes(CONDITION_LEFT_OUT)) return undefined;
  if (key !== 'Action') return value;
  const actions = [value].flat();
  const added = actions.flatMap((action) => ADDED_ACTIONS[String(action)] ?? []);
  return added.length > 0 ? [...actions, ...added] : value;
}

/** The SDK sends to the host in a queue's URL, and functions are given URLs that name SQS's own. */
const SQS_ORIGIN = /https:\/\/sqs\.[a-z0-9-]+\.amazonaws\.com\//g;

/**
 * The template without what {@link LEFT_OUT} names, and without any wish to come after it.
 *
 * @param port where queues are on 127.0.0.1
 */
export function transformTemplate(template: Template, port: number): Template {
  const kept = Object.entries(template.Resources).filter(([, { Type }]) => !(Type in LEFT_OUT));
  const ids = new Set(kept.map(([id]) => id));
  const Resources = Object.fromEntries(
    kept.map(([id, { DependsOn = [], ...resource }]) => [
      id,
      { ...resource, DependsOn: [DependsOn].flat().filter((other) => ids.has(other)) },
    ]),
  );
  const sections = Object.entries(template).filter(([name]) => !(name in SECTIONS_LEFT_OUT));
  const transformed: Template = { ...Object.fromEntries(sections), Resources };
  const text = JSON.stringify(transformed, describeForMiniStack).replaceAll(SQS_ORIGIN, `http://127.0.0.1:${port}/`);
  return JSON.parse(text) as Template;
}
