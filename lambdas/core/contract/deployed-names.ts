/** Name of a resource of a deployment, so that two deployments in one account do not collide. */
export const deployedName = (stage: string, name: string): string => `${stage}-${name}`;

/** Log group of a function. */
export const functionLogGroup = (stage: string, name: string): string => `/aws/lambda/${deployedName(stage, name)}`;

/** Log group of the API's access log. */
export const accessLogGroup = (stage: string): string => `/aws/apigateway/${deployedName(stage, 'access')}`;
