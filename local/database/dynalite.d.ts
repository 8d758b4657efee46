/** The parts of dynalite 4.0.0 that are used here; the package has no types of its own. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** Directory of the LevelDB; left out: memory. */
    path?: string;
    /** How long a table stays in CREATING, in milliseconds. */
    createTableMs?: number;
  }

  /** A server that does not listen yet. Closing it waits for what is in flight and closes the database. */
  function dynalite(options?: DynaliteOptions): Server;
  export default dynalite;
}
