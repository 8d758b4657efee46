/** The used parts of dynalite 4.0.0, which has no types of its own. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** Directory of the LevelDB; left out: in memory. */
    path?: string;
    /** Time that a table stays in CREATING, in milliseconds. */
    createTableMs?: number;
  }

  /** Returns a server that does not listen yet. Closing it waits for requests in flight and closes the database. */
  function dynalite(options?: DynaliteOptions): Server;
  export default dynalite;
}
