import { PROVIDER_PATTERN } from '../contract/names';

export const isProvider = (text: string): boolean => PROVIDER_PATTERN.test(text);
