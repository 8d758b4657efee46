import { rotate } from '../commands/rotate';
import { scheduleDestruction } from '../commands/schedule-destruction';
import type { Work } from '../session';
import { setPolicy } from '../commands/set-policy';
import { showRotation, watchRotation } from '../commands/show-rotation';
import type { WorkName } from '../commands';

/** What carries out the commands that are more than one call. */
export const WORKS: Readonly<Record<WorkName, Work>> = {
  rotate,
  'show-rotation': showRotation,
  'watch-rotation': watchRotation,
  'set-policy': setPolicy,
  'schedule-destruction': scheduleDestruction,
};
