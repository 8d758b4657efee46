import type { OperationsOf } from '../../http/operation';
import { POLICY_OPERATIONS, POLICY_REPLIES, POLICY_REQUESTS } from './policy-operations';
import { ROTATION_OPERATIONS } from './rotation-operations';
import { ROTATION_REPLIES, ROTATION_REQUESTS } from './rotation-schemas';
import { VERSION_OPERATIONS, VERSION_REPLIES, VERSION_REQUESTS } from './version-operations';

export const DEK_ROTATION_OPERATIONS = {
  ...POLICY_OPERATIONS,
  ...ROTATION_OPERATIONS,
  ...VERSION_OPERATIONS,
} satisfies OperationsOf<'rotations'>;

export const DEK_ROTATION_REQUESTS = { ...POLICY_REQUESTS, ...ROTATION_REQUESTS, ...VERSION_REQUESTS };

export const DEK_ROTATION_REPLIES = { ...POLICY_REPLIES, ...ROTATION_REPLIES, ...VERSION_REPLIES };
