/** The parameters of a command about one provider. */
export const OF_PROVIDER = { parameters: ['provider'], required: 1 } as const;

export const providerPath = ([provider = '']: readonly string[]): string => `/v1/providers/${provider}`;
