import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import type { Deployment } from '../configuration';

/** What a function is told, beside what every function is, that keeps values of credentials, shows them or erases them. */
export const previousValueEnvironment = ({ previousValueDays }: Deployment): Readonly<Record<string, string>> => ({
  [ENVIRONMENT.previousValueDays]: String(previousValueDays),
});
