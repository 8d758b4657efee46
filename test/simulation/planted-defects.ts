import type { PlantedDefect } from './planted-defect';
import { KEY_DEFECTS } from './planted-key-defects';
import { ROTATION_DEFECTS } from './planted-dek-rotation-defects';
import { STORAGE_DEFECTS } from './planted-storage-defects';
import { UNDO_DEFECTS } from './planted-undo-defects';

/** Every mistake that the simulation has to find; each is switched on by its name. */
export const PLANTED_DEFECTS: readonly PlantedDefect[] = [
  ...STORAGE_DEFECTS,
  ...ROTATION_DEFECTS,
  ...KEY_DEFECTS,
  ...UNDO_DEFECTS,
];
