/** Begins every name of a deployment that configures no other; what metrics and logs say they come from, too. */
export const DEFAULT_STAGE = 'keyward';

/** The providers of a deployment that configures none. */
export const DEFAULT_PROVIDERS: readonly string[] = ['openai', 'anthropic', 'google', 'global'];

/** The DEK of a new provider rotates every so many days, until its policy is changed. */
export const DEFAULT_DEK_INTERVAL_DAYS = 90;

/** For so many days after a rotation the version before it still opens tokens, in the policy of a new provider. */
export const DEFAULT_GRACE_PERIOD_DAYS = 7;

/** The KEK rotates every so many days. */
export const DEFAULT_KEK_INTERVAL_DAYS = 90;

/** A value of a credential that was replaced or deleted is kept for so many days; 0: none is. */
export const DEFAULT_PREVIOUS_VALUE_DAYS = 30;
export const MAX_PREVIOUS_VALUE_DAYS = 90;
