import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ENVIRONMENT } from '../lambdas/core/contract/environment';
import type { KekHomes } from '../lambdas/core/contract/kek-homes';
import { KeywardError } from '../lambdas/core/errors/errors';
import { homeInForce, stands, type KekMoveRecord } from '../lambdas/core/kek-move/kek-move-record';
import { KEK_FILE, VAULT_KEK_FILE } from './local-names';

const { secretsProvider, kekMovingFrom } = ENVIRONMENT;

/**
 * Checks that the configuration names the home of the KEK, and both during a move: another home may hold an earlier KEK, with
 * which nothing would open.
 *
 * @param directory the data directory
 * @throws KeywardError `configuration_invalid`, one sentence with what to set
 */
export async function assertKekIsHere(
  directory: string,
  homes: KekHomes,
  move: KekMoveRecord | undefined,
): Promise<void> {
  const { home, movingFrom } = homes;
  if (move === undefined) {
    const [hasFile, hasMark] = await Promise.all([isThere(directory, KEK_FILE), isThere(directory, VAULT_KEK_FILE)]);
    // A start with both homes has marked the path in Vault, and no move was begun.
    if (movingFrom === undefined && home === 'vault' && hasFile && hasMark) {
      throw invalid(
        `the KEK is in ${join(directory, KEK_FILE)}, and was not moved: set ${secretsProvider}=local, or ${kekMovingFrom}=local beside ${secretsProvider}=vault and move it`,
      );
    }
    return;
  }
  if (stands(move)) {
    if (move.to === home && move.from === movingFrom) return;
    throw invalid(
      `the KEK is being moved from ${move.from} to ${move.to}: set ${secretsProvider}=${move.to} and ${kekMovingFrom}=${move.from}`,
    );
  }
  const inForce = homeInForce(move, homes);
  if (inForce === home || inForce === movingFrom) return;
  throw invalid(`the KEK was moved: set ${secretsProvider}=${inForce}`);
}

const invalid = (message: string): KeywardError => new KeywardError('configuration_invalid', message);

/** Whether a file is in the data directory. */
export const isThere = (directory: string, name: string): Promise<boolean> =>
  stat(join(directory, name)).then(
    () => true,
    () => false,
  );
