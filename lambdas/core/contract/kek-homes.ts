import { KEK_SOURCES } from './environment';

/** Where the KEK can be, as SECRETS_PROVIDER names it: a file of local mode, Secrets Manager, or HashiCorp Vault. */
export const KEK_HOMES = ['local', ...KEK_SOURCES] as const;

export type KekHome = (typeof KEK_HOMES)[number];

/** The homes that a configuration names. */
export interface KekHomes {
  /** SECRETS_PROVIDER: the home, or the target of a move. */
  readonly home: KekHome;
  /** KEYWARD_KEK_MOVING_FROM: the old home, while the configuration names both. */
  readonly movingFrom?: KekHome;
}

/** States of a move; in the first three it stands. */
export const KEK_MOVE_STATES = ['copying', 'switched', 'aborting', 'finished', 'aborted'] as const;

export type KekMoveState = (typeof KEK_MOVE_STATES)[number];
