import { tryAttacks } from '../../unit/transparency/try-attacks';
import { directoryGround, type DirectoryGround } from './directory-ground';

/** The same attacks on a data directory of local mode, found by what `keyward audit verify` reads. */

let ground: DirectoryGround | undefined;
afterAll(() => {
  ground?.remove();
});

tryAttacks('directory', () => (ground = directoryGround()));
