import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME, REPLICAS, synthesized } from '../synthesized';
import { STACKS, upgradeFacts, type ResourceFacts, type StackFacts } from './upgrade-facts';

/**
 * What an existing deployment goes through: the templates of the release before (`before.json`, by write-before.ts, at commit
 * 9a925e7) beside ours. What is listed here is what somebody has looked at; docs/operations.md, "Upgrade", says it in words.
 */
const BEFORE = JSON.parse(readFileSync(join(__dirname, 'before.json'), 'utf8')) as Record<string, StackFacts>;
const NOW = upgradeFacts(synthesized().templates);

const STATEFUL = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::SecretsManager::Secret',
];

const idsOf = (facts: Readonly<Record<string, StackFacts>>, stack: string): readonly string[] =>
  Object.keys(facts[stack]!.resources);

/** That the gateway may call a function: one for each method, where there is one for each function now. They go when the new ones are there. */
const PERMISSIONS_BY_METHOD = (stack: string): readonly string[] =>
  idsOf(BEFORE, stack)
    .filter((id) => BEFORE[stack]!.resources[id]!.type === 'AWS::Lambda::Permission')
    .toSorted();

/**
 * Alarms that have another name now, and so another id. CloudFormation removes what a template no longer has after it has made what
 * is new (CloudFormation User Guide, "Stack status codes", UPDATE_COMPLETE_CLEANUP_IN_PROGRESS), so that nothing goes unwatched.
 */
const RENAMED_ALARMS: Readonly<Record<string, string>> = {
  operationsalarmsrotationerrors5FB4C986: 'operationsalarmskekrotationerrors950F71AB',
  operationsalarmsrotationabandoned24E2242F: 'operationsalarmskekrotationabandoned9C2F175E',
  operationsalarmsrotationnotstarted1C81ED79: 'operationsalarmskekrotationnotstarted9B03C997',
  operationsalarmsrotationworkererrors197C6667: 'operationsalarmsdekrotationworkererrors486BB45B',
  operationsalarmsrotationworkerdeadE575E30E: 'operationsalarmsdekrotationworkerdeadA8DBD6B0',
  operationsalarmsrotationstepfailed065DFE10: 'operationsalarmssweeppartfailedE0775345',
  operationsalarmsrotationslowA286F68B: 'operationsalarmsdekrotationslow359DC6B3',
};

/** No longer in the templates: CloudFormation deletes them. Nothing stateful may ever be in this list. */
/** In every region: problems of the gateway that cannot come about in this API. */
const IMPOSSIBLE_PROBLEMS = [
  'apiAUTHORIZERCONFIGURATIONERROR00D48BDE',
  'apiAUTHORIZERFAILUREB8DD1467',
  'apiBADREQUESTBODY42F3D7E0',
  'apiBADREQUESTPARAMETERS4008BB99',
  'apiQUOTAEXCEEDED50077D46',
];

const REMOVED: Readonly<Record<string, readonly string[]>> = {
  operations: Object.keys(RENAMED_ALARMS).toSorted(),
  'api-home': [...PERMISSIONS_BY_METHOD('api-home'), ...IMPOSSIBLE_PROBLEMS].toSorted(),
  'api-replica': [...PERMISSIONS_BY_METHOD('api-replica'), ...IMPOSSIBLE_PROBLEMS].toSorted(),
};

/** In every region: the rules and the alarm about what is changed outside a deployment. */
const CHANGED_BY_HAND = [
  'changedbyhand74944FBC',
  'changedbyhandchangedevidenceA4768125',
  'changedbyhandchangedfunctions8C6DFD6B',
  'changedbyhandchangedgateway8CD641D4',
  'changedbyhandchangedsecretB53F18D8',
  'changedbyhandchangedtables6CDA7939',
  'changedbyhandreadsecretC023F0DE',
];

/** In every region: HEAD of the health check. */
const ALIVE_BY_HEAD = 'apihealthzHEAD889F2A92';

/** In every region: that the gateway may call each function. */
const PERMISSIONS_BY_FUNCTION = [
  'auditapiB79079D0',
  'credentialsapiBDF53FF0',
  'decryptapi4AB2F58A',
  'encryptapi191D7148',
  'healthapi7013FEB1',
  'keysapi46D544F4',
  'rewrapapi6C53B4D1',
  'rotationsapiBD5E7A5A',
];

/** In every region: paths and methods of one audit event, of published logs, of the hash of a pack of evidence, of previous values and of metadata, and for each provider who may use them. */
const ADDED_BY_CALLS = [
  'apiv1auditcheckpointsA5D01081',
  'apiv1auditcheckpointsGETC0752243',
  'apiv1auditeventsid2170EB90',
  'apiv1auditeventsidGETDDA85EAB',
  'apiv1auditevidence130F6007',
  'apiv1auditevidencePOSTE413B08D',
  'apiv1auditeventsidproof3A0E3259',
  'apiv1auditeventsidproofGET2485CC75',
  'apiv1auditlog749BABA5',
  'apiv1auditlogGET702605FB',
  'apiv1auditlogPOST4DEB3E53',
  'apiv1providersprovidercredentialsnamePATCHA8509C4F',
  'apiv1providersprovidercredentialsnameprevious82970AC7',
  'apiv1providersprovidercredentialsnamepreviousGET2BC08169',
  'apiv1providersprovidercredentialsnamepurge58365AD8',
  'apiv1providersprovidercredentialsnamepurgePOST22BBC7BC',
  'apiv1providersprovidercredentialsnamerestore6996D089',
  'apiv1providersprovidercredentialsnamerestorePOSTAB6A7E42',
  'callersanthropicchangemetadata3B892CF8',
  'callersanthropicpurgecredentials65D7032B',
  'callersanthropicrestorecredentials2C1539AC',
  'callersglobalchangemetadata33FDAC05',
  'callersglobalpurgecredentials8B9BCB7D',
  'callersglobalrestorecredentialsC7C0D97A',
  'callersgooglechangemetadata8D28CB8A',
  'callersgooglepurgecredentials9B9A7C30',
  'callersgooglerestorecredentials8FADC75F',
  'callersopenaichangemetadata9903448D',
  'callersopenaipurgecredentials26D09122',
  'callersopenairestorecredentials838162D3',
];

/** In every region: the calls about the KEK, and who may use them. */
const ADDED_BY_KEK_CALLS = [
  'apiv1kekFC2FADEF',
  'apiv1kekGET7CC40E80',
  'apiv1kekmove7E69CFD1',
  'apiv1kekmovePOST9B076636',
  'apiv1kekrotate75FC24DB',
  'apiv1kekrotatePOST5C280576',
  'callersoperatorskekC8728DA7',
];

/** New in the templates. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  keys: ['changedkeys'],
  // IAM's events arrive in us-east-1 only.
  'api-home': [
    ALIVE_BY_HEAD,
    ...PERMISSIONS_BY_FUNCTION,
    ...ADDED_BY_CALLS,
    ...ADDED_BY_KEK_CALLS,
    ...CHANGED_BY_HAND,
    'changedbyhandchangedroles4CE9BF04',
  ].toSorted(),
  operations: Object.values(RENAMED_ALARMS).toSorted(),
  'api-replica': [
    ALIVE_BY_HEAD,
    ...PERMISSIONS_BY_FUNCTION,
    ...ADDED_BY_CALLS,
    ...ADDED_BY_KEK_CALLS,
    ...CHANGED_BY_HAND,
  ].toSorted(),
};

/** In every region: who adds audit events in groups. */
const GROUPING = ['decryptroleFA3C1CEF', 'encryptroleC93E0655', 'rewraprole8640DA09'];
/** In every region: who describes the KEK and starts its rotation. */
const OPERATES_KEK = 'rotationsrole5B653C4D';

/** In every region: what operators may ask of the audit log, and of its publisher. */
const OPERATORS = ['callersoperatorsauditCF54EB13', 'callersoperatorsrotations0980BE8E'];

/** Kept, with another policy. */
const OTHER_POLICIES: Readonly<Record<string, readonly string[]>> = {
  // What is written at home is encrypted in every region, by whoever may use the service there.
  keys: ['messagesFB9A628B', 'secret4DA88516', 'tables01A0BBDA'],
  // Who may read, change and rotate the secret.
  data: ['kekpolicy5969FDF7'],
  // What anyone may ask without a signature: /healthz, by HEAD, too. And who reads the audit log lists the keysets of its region: the
  // events of a provider that was taken off are shown, too; it records each read, and may read one event and the published logs;
  // operators who rotate may publish at once.
  'api-home': ['apiC8550315', 'auditroleFE9E5A04', ...OPERATORS, ...GROUPING, OPERATES_KEK],
  'api-replica': ['apiC8550315', 'auditroleFE9E5A04', ...OPERATORS, ...GROUPING, OPERATES_KEK],
  // Who lists the keysets of every region, and bootstrap, which asks every region for its keys.
  operations: ['bootstraprole2B27B8D2', 'rewrapdeksroleC701510D', 'rotatekekrole3387B30D', 'sweeprole84CF69ED'],
};

/** No longer imported. */
const IMPORTED_NO_LONGER: Readonly<Record<string, readonly string[]>> = {
  operations: ['keyward-api-<region>:ExportsOutputRefalarms398155380A09EC39'],
};

const without = (ids: readonly string[], others: readonly string[]): readonly string[] =>
  ids.filter((id) => !others.includes(id)).toSorted();
const stillThere = (stack: string): readonly (readonly [string, ResourceFacts, ResourceFacts])[] =>
  Object.entries(BEFORE[stack]!.resources).flatMap(([id, before]) => {
    const now = NOW[stack]!.resources[id];
    return now === undefined ? [] : [[id, before, now] as const];
  });

describe.each(STACKS)('the stack %s', (stack) => {
  test('keeps everything that holds data, under its id and of its type', () => {
    const ids = Object.entries(BEFORE[stack]!.resources).filter(([, { type }]) => STATEFUL.includes(type));
    for (const [id, { type }] of ids) expect([id, NOW[stack]!.resources[id]?.type]).toEqual([id, type]);
  });

  test('replaces nothing: no type, no name, and nothing else that means a new resource has changed', () => {
    for (const [id, before, now] of stillThere(stack)) {
      expect([id, now.type, now.fixed]).toEqual([id, before.type, before.fixed]);
    }
  });

  test('keeps what it kept when a resource or the stack goes', () => {
    for (const [id, before, now] of stillThere(stack)) expect([id, now.kept]).toEqual([id, before.kept]);
  });

  test('loses and gains what is listed', () => {
    expect(without(idsOf(BEFORE, stack), idsOf(NOW, stack))).toEqual(REMOVED[stack] ?? []);
    expect(without(idsOf(NOW, stack), idsOf(BEFORE, stack))).toEqual(ADDED[stack] ?? []);
  });

  test('has other policies where it is listed', () => {
    const changed = stillThere(stack).filter(
      ([, { policies: before }, { policies: now }]) => JSON.stringify(before) !== JSON.stringify(now),
    );
    expect(changed.map(([id]) => id).toSorted()).toEqual(OTHER_POLICIES[stack] ?? []);
  });

  test('exports all that it exported: a stack that is deployed later still imports it', () => {
    expect(without(BEFORE[stack]!.exports, NOW[stack]!.exports)).toEqual([]);
  });

  test('imports nothing that the release before does not export, and no longer what is listed', () => {
    const exported = STACKS.flatMap((each) => BEFORE[each]!.exports);
    expect(without(NOW[stack]!.imports, exported)).toEqual([]);
    expect(without(BEFORE[stack]!.imports, NOW[stack]!.imports)).toEqual(IMPORTED_NO_LONGER[stack] ?? []);
  });
});

test('an alarm that is renamed has another id and another name: under one of the two it could not be made beside the old one', () => {
  for (const [before, now] of Object.entries(RENAMED_ALARMS)) {
    const [old, renamed] = [BEFORE['operations']!.resources[before]!, NOW['operations']!.resources[now]!];
    expect([old.type, renamed.type]).toEqual(['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Alarm']);
    expect(renamed.fixed).not.toEqual(old.fixed);
  }
});

test('what moves rows is deployed before what writes them, in every region', () => {
  for (const region of [HOME, ...REPLICAS]) {
    expect(synthesized().dependencies.get(`keyward-api-${region}`)).toContain('keyward-operations');
  }
});

test('the comparison has something to compare', () => {
  expect(Object.keys(BEFORE)).toEqual([...STACKS]);
  expect(STACKS.reduce((sum, stack) => sum + idsOf(BEFORE, stack).length, 0)).toBeGreaterThan(400);
  expect(stillThere('data').filter(([, { fixed }]) => fixed !== undefined)).toHaveLength(6);
});

test('what holds of one replica region holds of the other', () => {
  const [one, other] = [NOW, upgradeFacts(synthesized().templates, REPLICAS[1])].map((facts) =>
    Object.entries(facts['api-replica']!.resources)
      // The id of a permission contains the region's name.
      .filter(([, { type }]) => type !== 'AWS::Lambda::Permission')
      .map(([id, { type, fixed, kept }]) => [id, type, fixed, kept]),
  );
  expect(other).toEqual(one);
});
