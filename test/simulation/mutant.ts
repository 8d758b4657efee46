import type { ProcessPorts } from './process-ports';
import type { World } from './world';

/** A mistake in the ports of Keyward's processes. */
export interface Mutant {
  readonly name: string;
  /** Description of the mistake. */
  readonly what: string;
  /** Changes the ports of a starting process. */
  readonly ports?: (ports: ProcessPorts, world: World) => ProcessPorts;
  /** Changes the world before its first event. */
  readonly world?: (world: World) => void;
}
