import * as z from 'zod/mini';
import { INTERVALS_DAYS } from '../../contract/limits';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import { EXAMPLE_POLICY, dekRotationPolicy } from '../../keysets/operations/version-schemas';
import { keysetChanges } from './keyset-changes';
import type { DekRotationOperations } from '../create-dek-rotations';

export const POLICY_REQUESTS = {
  RotationPolicyRequest: z.strictObject({
    enabled: z.boolean(),
    interval_days: z.literal(INTERVALS_DAYS),
    grace_period_days: z
      .int()
      .check(
        z.minimum(0),
        z.meta({ description: 'Days that a superseded version still opens tokens; at most the interval.' }),
      ),
  }),
};

export const POLICY_REPLIES = {
  RotationPolicy: z.object({ provider: z.string(), rotation_policy: dekRotationPolicy }),
};

const example = { provider: 'openai', rotation_policy: EXAMPLE_POLICY };

export const POLICY_OPERATIONS = {
  describeRotationPolicy: defineOperation({
    method: 'GET',
    path: '/v1/providers/{provider}/rotation-policy',
    function: 'rotations',
    grant: 'rotations',
    summary: "Show a provider's rotation policy",
    description: 'Returns the interval, the grace period, and the times of the last and the next rotation.',
    reply: POLICY_REPLIES.RotationPolicy,
    example: { reply: example },
    handle: async (
      { parameters: { provider } },
      { application }: Runtime<Pick<DekRotationOperations, 'showPolicy'>>,
    ) => ({
      status: 200,
      body: { provider, rotation_policy: await application.showPolicy(provider) },
    }),
  }),
  changeRotationPolicy: defineOperation({
    method: 'PUT',
    path: '/v1/providers/{provider}/rotation-policy',
    function: 'rotations',
    grant: 'rotations',
    summary: "Set a provider's rotation policy",
    description:
      'Replaces the whole policy. The next rotation is due an interval after the last one; with `enabled: false` the DEK rotates only on request.',
    request: POLICY_REQUESTS.RotationPolicyRequest,
    reply: POLICY_REPLIES.RotationPolicy,
    problems: keysetChanges,
    example: { request: { enabled: true, interval_days: 90, grace_period_days: 7 }, reply: example },
    handle: async (
      { caller, parameters: { provider }, body },
      { application }: Runtime<Pick<DekRotationOperations, 'changePolicy'>>,
    ) => ({
      status: 200,
      body: { provider, rotation_policy: await application.changePolicy(caller, { provider, ...body }) },
    }),
  }),
} satisfies OperationsOf<'rotations'>;
