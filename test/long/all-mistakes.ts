import type { PlantedMistake } from './planted-mistake';

/** A rule that holds for all of a kind, kept for some of them. */
export const ALL_MISTAKES: readonly PlantedMistake[] = [];
