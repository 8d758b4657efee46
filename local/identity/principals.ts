import * as z from 'zod/mini';
import { INVOKE_ACTION } from '../../lambdas/core/contract/execute-api';
import { LOCAL_ACCOUNT_ID } from '../../lambdas/core/contract/local-mode';
import { badFile } from '../../lambdas/adapters/local/private-file';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import { readStrictJson } from '../../lambdas/core/crypto/strict-json';
import { ADMINISTRATOR_PROFILE, newSecretAccessKey, OPENAI_ONLY_PROFILE, type AccessKey } from './credentials-file';
import { policySchema, type Policy } from '../gateway/execute-api-policy';

const ADMINISTRATOR = 'administrator';

/** An access key, its user, and that user's policy. */
export interface Principal {
  readonly accessKeyId: string;
  readonly user: string;
  readonly arn: string;
  readonly policy: Policy;
}

/** A principal and the secret that verifies its signatures. */
export interface SigningPrincipal {
  readonly principal: Principal;
  readonly secretAccessKey: string;
}

const principalsSchema = z.strictObject({
  version: z.literal(1),
  principals: z
    .array(
      z.strictObject({
        access_key_id: z.string().check(z.regex(/^[A-Za-z0-9]{16,128}$/)),
        // IAM's format of a user name.
        user: z.string().check(z.regex(/^[A-Za-z0-9+=,.@_-]{1,64}$/)),
        policy: policySchema,
      }),
    )
    .check(z.minLength(1), z.maxLength(1000)),
});

/**
 * Parses `principals.json`, and joins it with the access keys.
 *
 * @param keys access keys by profile. A key that no principal names has no rights
 * @returns principals by access key id
 * @throws KeywardError `configuration_invalid`: one sentence with the path and the member, never a value
 */
export function parsePrincipals(
  text: string,
  keys: ReadonlyMap<string, AccessKey>,
  path: string,
): ReadonlyMap<string, SigningPrincipal> {
  const named = parseNames(text, path);
  const secrets = new Map(Array.from(keys.values(), (key) => [key.accessKeyId, key.secretAccessKey]));
  const principals = new Map<string, SigningPrincipal>();
  for (const [index, { access_key_id: accessKeyId, user, policy }] of named.entries()) {
    const member = `principals[${index}].access_key_id`;
    const secretAccessKey = secrets.get(accessKeyId);
    if (secretAccessKey === undefined) {
      throw badFile(
        path,
        `is not valid: ${member} is not in the credentials file: restore that file, take the principal out, or remove the credentials file, and the next start makes new secrets for all access keys that are named here`,
      );
    }
    const arn = `arn:aws:iam::${LOCAL_ACCOUNT_ID}:user/${user}`;
    principals.set(accessKeyId, { principal: { accessKeyId, user, arn, policy }, secretAccessKey });
  }
  return principals;
}

/**
 * Returns new secrets for the access keys that `principals.json` names, by profile; policies do not change.
 *
 * @throws KeywardError `configuration_invalid`, as {@link parsePrincipals}
 */
export function renewedAccessKeys(text: string, path: string, randomness: Randomness): ReadonlyMap<string, AccessKey> {
  const keys = new Map<string, AccessKey>();
  for (const { access_key_id: accessKeyId, user } of parseNames(text, path)) {
    const wanted = user === ADMINISTRATOR ? ADMINISTRATOR_PROFILE : user;
    let profile = wanted;
    for (let count = 2; keys.has(profile); count += 1) profile = `${wanted}-${count}`;
    keys.set(profile, { accessKeyId, secretAccessKey: newSecretAccessKey(randomness) });
  }
  return keys;
}

/** @throws KeywardError `configuration_invalid` */
function parseNames(text: string, path: string): z.infer<typeof principalsSchema>['principals'] {
  const result = principalsSchema.safeParse(parseJson(text, path));
  if (!result.success) throw badFile(path, `is not valid: ${describe(result.error.issues[0])}`);
  const seen = new Set<string>();
  for (const [index, { access_key_id: id }] of result.data.principals.entries()) {
    if (seen.has(id)) throw badFile(path, `is not valid: principals[${index}].access_key_id is there twice`);
    seen.add(id);
  }
  return result.data.principals;
}

function parseJson(text: string, path: string): unknown {
  const reading = readStrictJson(text);
  if ('fault' in reading) throw badFile(path, `is not valid: ${reading.fault}`);
  return reading.value;
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  const member = (issue?.path ?? [])
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  const where = member === '' ? 'the document' : member;
  if (issue?.code !== 'unrecognized_keys') return `${where} is missing or not valid`;
  const named = issue.keys.filter((key) => UNSUPPORTED_ELEMENTS.has(key));
  return named.length > 0
    ? `${where} has ${named.join(', ')}, which local mode does not evaluate`
    : `${where} has an unknown member`;
}

const UNSUPPORTED_ELEMENTS = new Set(['Condition', 'NotAction', 'NotPrincipal', 'NotResource', 'Principal']);

interface PrincipalsRecord {
  readonly version: 1;
  readonly principals: readonly { readonly access_key_id: string; readonly user: string; readonly policy: Policy }[];
}

/** Returns the text of a first start: the administrator may do everything, the other may only use `openai`. */
export const firstPrincipals = (keys: ReadonlyMap<string, AccessKey>): string =>
  `${JSON.stringify(firstRecord(keys), undefined, 2)}\n`;

function firstRecord(keys: ReadonlyMap<string, AccessKey>): PrincipalsRecord {
  const api = `arn:aws:execute-api:*:${LOCAL_ACCOUNT_ID}:local/local`;
  const openai = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].flatMap((method) => [
    `${api}/${method}/v1/providers/openai`,
    `${api}/${method}/v1/providers/openai/*`,
  ]);
  const first = [
    { profile: ADMINISTRATOR_PROFILE, user: ADMINISTRATOR, resources: [`${api}/*`] },
    { profile: OPENAI_ONLY_PROFILE, user: 'openai-only', resources: openai },
  ].flatMap(({ profile, user, resources }) => {
    const key = keys.get(profile);
    return key === undefined ? [] : [{ access_key_id: key.accessKeyId, user, policy: allowPolicy(resources) }];
  });
  return { version: 1, principals: first };
}

const allowPolicy = (resources: string[]): Policy => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: INVOKE_ACTION, Resource: resources }],
});
