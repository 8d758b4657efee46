import { ACCOUNT, HOME, REGIONS } from '../synthesized';
import { isAllowed, policiesOfRole, resourcePolicy, roleArn } from '../simulated-iam';

export const EVERYWHERE = [
  'encrypt',
  'decrypt',
  'rewrap',
  'credentials',
  'keys',
  'rotations',
  'audit',
  'health',
  'prove-keyset',
  'archive-events',
  'publish-checkpoint',
  'record-refusals',
] as const;
export const AT_HOME = ['rotate-kek', 'rewrap-deks', 'rotation-worker', 'sweep', 'bootstrap'] as const;
export type Name = (typeof EVERYWHERE)[number] | (typeof AT_HOME)[number];

/** What starts or goes on with DEK rotations. */
export const ROTATING = ['rotations', 'rotation-worker', 'sweep'] as const;

export const arn = (service: string, region: string, resource: string): string =>
  `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
export const table = (name: string, region: string): string => arn('dynamodb', region, `table/keyward-${name}`);

const regionsOf = (name: Name): readonly string[] => ((AT_HOME as readonly string[]).includes(name) ? [HOME] : REGIONS);

/** May the function, in a region, do this? The secret's own policy has its say, too. */
export const may = (name: Name, region: string, action: string, resource: string, context = {}): Promise<boolean> =>
  isAllowed({
    principal: roleArn(`keyward-${name}-${region}`),
    policies: policiesOfRole(`keyward-${name}-${region}`),
    action,
    resource,
    context,
    ...(resource.includes(':secret:') && {
      resourcePolicy: resourcePolicy('keyward-data', 'AWS::SecretsManager::ResourcePolicy', 'ResourcePolicy'),
    }),
  });

/** The regions in which a function in `region` may do something; `where` names a resource for each. */
export async function where(
  name: Name,
  region: string,
  action: string,
  resourceIn: (region: string) => string,
  context = {},
): Promise<readonly string[]> {
  const answers = await Promise.all(REGIONS.map((each) => may(name, region, action, resourceIn(each), context)));
  return REGIONS.filter((_, index) => answers[index]);
}

/** Every function in every region in which it runs. */
export const cases = [...EVERYWHERE, ...AT_HOME].flatMap((name) => regionsOf(name).map((region) => ({ name, region })));
export const of = (...names: Name[]) => cases.filter(({ name }) => names.includes(name));
export const allBut = (...names: Name[]) => cases.filter(({ name }) => !names.includes(name));

export const SECRET = 'secret:keyward/kek-AbCdEf';
export const OTHER_SECRET = 'secret:other/kek-AbCdEf';
export const CURRENT = { 'secretsmanager:VersionStage': 'AWSCURRENT' };
