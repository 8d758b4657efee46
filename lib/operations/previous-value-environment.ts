import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import type { Deployment } from '../deployment';

/** Environment of functions that keep, show or erase previous values. */
export const previousValueEnvironment = ({ previousValueDays }: Deployment): Readonly<Record<string, string>> => ({
  [ENVIRONMENT.previousValueDays]: String(previousValueDays),
});
