/** What a provider is called. An isolation boundary: a token or record of one never opens for another. */
export const PROVIDER_PATTERN = /^[a-z0-9][a-z0-9-]{0,49}$/;

/** The providers of a deployment that configures none. */
export const DEFAULT_PROVIDERS: readonly string[] = ['openai', 'anthropic', 'google', 'global'];

export const isProvider = (text: string): boolean => PROVIDER_PATTERN.test(text);
