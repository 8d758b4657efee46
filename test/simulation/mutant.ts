import type { ProcessPorts } from './process-ports';
import type { World } from './world';

/** A mistake that Keyward could have made, put into the ports of its processes. */
export interface Mutant {
  readonly name: string;
  /** Which mistake that is. */
  readonly what: string;
  /** Changes the ports of a process as it starts. */
  readonly ports?: (ports: ProcessPorts, world: World) => ProcessPorts;
  /** Changes the world itself, before anything happens in it. */
  readonly world?: (world: World) => void;
}
