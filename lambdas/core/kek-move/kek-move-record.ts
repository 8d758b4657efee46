import { KEK_HOMES, KEK_MOVE_STATES, type KekHome, type KekHomes, type KekMoveState } from '../contract/kek-homes';
import { isCount, isRecord, isTimestamp } from '../crypto/record-checks';

/** The newest move of the KEK from one home to another: the one row that says where the KEK is. Times are ISO 8601 in UTC. */
export interface KekMoveRecord {
  readonly move_id: string;
  /** Goes on from one move to the next. */
  readonly revision: number;
  readonly write_id: string;
  readonly from: KekHome;
  readonly to: KekHome;
  readonly state: KekMoveState;
  /** ARN of the operator. */
  readonly started_by: string;
  readonly started_at: string;
  readonly switched_at: string | null;
  readonly ended_at: string | null;
  /** The version that both homes had at the switch. */
  readonly version_id: string | null;
}

/** Whether nobody may change a KEK, or what is under it. */
export const stands = ({ state }: KekMoveRecord): boolean => state !== 'finished' && state !== 'aborted';

/** The home that readers use: the target from the switch on. Without a move it is the old home, if one is configured. */
export function homeInForce(move: KekMoveRecord | undefined, { home, movingFrom }: KekHomes): KekHome {
  if (move === undefined) return movingFrom ?? home;
  return move.state === 'switched' || move.state === 'finished' ? move.to : move.from;
}

const isOneOf = (values: readonly unknown[], value: unknown): boolean => values.includes(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTimeOrNull = (value: unknown): boolean => value === null || isTimestamp(value);

/** Undefined if the row was edited. */
export function toKekMove(value: unknown): KekMoveRecord | undefined {
  if (!isRecord(value)) return undefined;
  const { move_id, revision, write_id, from, to, state, started_by, started_at } = value;
  const { switched_at, ended_at, version_id } = value;
  const isMove =
    [move_id, write_id, started_by].every(isText) &&
    isCount(revision, 1) &&
    isOneOf(KEK_HOMES, from) &&
    isOneOf(KEK_HOMES, to) &&
    from !== to &&
    isOneOf(KEK_MOVE_STATES, state) &&
    isTimestamp(started_at) &&
    [switched_at, ended_at].every(isTimeOrNull) &&
    (version_id === null || isText(version_id));
  return isMove ? (value as unknown as KekMoveRecord) : undefined;
}
