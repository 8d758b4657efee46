import type { Mutant } from './mutant';
import { KEY_MUTANTS } from './key-mutants';
import { DEK_ROTATION_MUTANTS } from './dek-rotation-mutants';
import { STORAGE_MUTANTS } from './storage-mutants';
import { UNDO_MUTANTS } from './undo-mutants';

/** Every mistake that the simulation has to find, by the name that switches it on. */
export const MUTANTS: readonly Mutant[] = [
  ...STORAGE_MUTANTS,
  ...DEK_ROTATION_MUTANTS,
  ...KEY_MUTANTS,
  ...UNDO_MUTANTS,
];
