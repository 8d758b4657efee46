/** A name of a deployment, so that two of them in one account do not collide. */
export const deployedName = (stage: string, name: string): string => `${stage}-${name}`;

/** Where Lambda writes the log of one of its functions. */
export const functionLogGroup = (stage: string, name: string): string => `/aws/lambda/${deployedName(stage, name)}`;
