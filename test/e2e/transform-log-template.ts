import type { Template } from './transform-template';

/** What a region's log needs that MiniStack has not got. */
export interface Given {
  /** Of the audit table in the region. */
  readonly streamArn: string;
  /** Of a double of KMS with two keys, by the ids below. */
  readonly kmsEndpoint: string;
  readonly logKeyId: string;
  readonly cosignerKeyId: string;
}

/** What is left out of a log's stack beside what no stack has, and why. */
export const LEFT_OUT_OF_LOG: Readonly<Record<string, string>> = {
  'AWS::KMS::Key': 'it makes no Ed25519 key without a package of its own; a double of KMS signs here',
  'AWS::KMS::Alias': 'names these keys',
  'AWS::S3::BucketPolicy': 'denies what comes without TLS; the policies are evaluated in test/infra',
  'Custom::KeywardAuditStream': 'its function has no SDK there; the stream is looked up here',
  'AWS::Athena::NamedQuery': 'unknown to it',
  'AWS::Athena::WorkGroup': 'of no use without its queries',
  'AWS::Glue::Database': 'of no use without them',
  'AWS::Glue::Table': 'of no use without them',
};

const LOG_KEY = 'KEYWARD_LOG_KEY';

/** The template of a region's log with the stream and the keys that are given in place of those that it would make and find. */
export function transformLogTemplate(template: Template, given: Given): Template {
  const idsOf = (type: string): readonly string[] =>
    Object.entries(template.Resources).flatMap(([id, { Type }]) => (Type === type ? [id] : []));
  const texts = new Map<string, string>(
    idsOf('Custom::KeywardAuditStream').map((id) => [id, given.streamArn] as const),
  );
  for (const id of idsOf('AWS::KMS::Key'))
    texts.set(id, id.includes('cosigner') ? given.cosignerKeyId : given.logKeyId);
  const kept = Object.entries(template.Resources).filter(([, { Type }]) => !(Type in LEFT_OUT_OF_LOG));
  const Resources = JSON.parse(JSON.stringify(Object.fromEntries(kept)), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const { Ref: ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: readonly [string, string] };
    const text = texts.get(ref ?? attribute?.[0] ?? '');
    if (text !== undefined) return text;
    return LOG_KEY in value ? { ...value, AWS_ENDPOINT_URL_KMS: given.kmsEndpoint } : value;
  }) as Template['Resources'];
  const ids = new Set(Object.keys(Resources));
  const withoutLost = Object.entries(Resources).map(([id, { DependsOn = [], ...resource }]) => [
    id,
    { ...resource, DependsOn: [DependsOn].flat().filter((other) => ids.has(other)) },
  ]);
  return { ...template, Resources: Object.fromEntries(withoutLost) as Template['Resources'] };
}
