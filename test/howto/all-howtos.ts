import { PROVIDER } from './changes/provider';
import { REGION } from './changes/region';
import type { Howto } from './howto';

/** The changes that people make. */
export const HOWTOS: readonly Howto[] = [PROVIDER, REGION];
