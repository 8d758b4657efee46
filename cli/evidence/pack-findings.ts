import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { counted } from '../io/counted';
import { plain } from '../io/plain-text';
import type { KeyJudgement } from './key-judgement';
import type { KeysShown } from './read-keys';
import type { Verification } from './verification';

/** One sentence of the summary, and how much it matters. */
export interface Finding {
  readonly level: 'bad' | 'wait' | 'good';
  readonly text: string;
}

/** Rotations that ended otherwise than they should. */
const BAD_ENDS: readonly unknown[] = ['completed_with_failures', 'aborted', 'abandoned', 'superseded', 'damaged'];

interface Judged {
  readonly keys: readonly KeyJudgement[];
  readonly shown: KeysShown;
  /** The number of events whose rows were edited. */
  readonly damagedEvents: number;
  /** The number of changes of which the log does not say whether they were made. */
  readonly unknownOutcomes: number;
  readonly verification: Verification;
}

/** What an auditor has to look at first; one good sentence if there is nothing. */
export function packFindings({
  keys,
  shown,
  damagedEvents,
  unknownOutcomes,
  verification,
}: Judged): readonly Finding[] {
  const bad = (text: string): Finding => ({ level: 'bad', text });
  const wait = (text: string): Finding => ({ level: 'wait', text });
  const findings: Finding[] = [
    ...shown.damaged.map((provider) => bad(`The keyset of ${provider} was edited: its MAC does not hold.`)),
    ...(damagedEvents > 0
      ? [bad(`${counted(damagedEvents, 'event')} of the audit log was edited in the table: damaged-events.csv.`)]
      : []),
    ...keys
      .filter(({ verdict }) => verdict === 'overdue')
      .map(({ key, next_rotation_at }) => bad(`${key}: its rotation is overdue since ${String(next_rotation_at)}.`)),
    ...keys
      .filter(({ verdict }) => verdict === 'not scheduled')
      .map(({ key }) => wait(`${key}: it rotates on request alone.`)),
    ...regionsBehind(shown).map((region) => wait(`KEK: region ${region} did not return the current version.`)),
    ...shown.rotations
      .filter(({ status }) => BAD_ENDS.includes(status))
      .map(({ provider, rotation_id, status }) =>
        wait(`Rotation ${plain(rotation_id)} of ${plain(provider)}: ${plain(status)}.`),
      ),
    ...shown.credentials
      .filter(({ damaged }) => damaged > 0)
      .map(({ provider, damaged }) =>
        bad(`${counted(damaged, 'stored credential')} of ${provider} does not decrypt or was edited.`),
      ),
    ...(unknownOutcomes > 0
      ? [
          wait(
            `${counted(unknownOutcomes, 'change')} has an unknown outcome: the log does not say whether it was made.`,
          ),
        ]
      : []),
    ...shown.omissions.map(({ what }) => wait(`Not included: ${what}.`)),
  ];
  const quiet: Finding = {
    level: 'good',
    text: 'Every key that was read is within its rotation policy, and no edited record was found.',
  };
  const log = ofLog(verification);
  return [
    ...(log.level === 'bad' ? [log] : []),
    ...(findings.length === 0 ? [quiet] : findings),
    ...(log.level === 'bad' ? [] : [log]),
  ];
}

function ofLog(verification: Verification): Finding {
  if (verification.state === 'not verified')
    return { level: 'wait', text: `The audit log was not verified: ${verification.why}.` };
  const { state, failures, logs } = verification;
  const of = counted(logs.length, 'log');
  if (state === 'does not hold')
    return {
      level: 'bad',
      text: `The audit log does not hold: ${counted(failures, 'failure')} in ${of}, see log-findings.csv.`,
    };
  const isOneAccount = logs.some(({ one_account: one }) => one === true);
  return isOneAccount
    ? {
        level: 'wait',
        text: `The audit log was verified (${of}), by keys of one account: no outside witness has cosigned it.`,
      }
    : { level: 'good', text: `The audit log was verified (${of}), with the cosignature of an outside witness.` };
}

function regionsBehind({ kek }: KeysShown): readonly string[] {
  const regions: unknown = kek?.['regions'];
  const rows = Array.isArray(regions) ? (regions as unknown[]).filter(isRecord) : [];
  return rows.filter(({ state }) => state !== 'current').map(({ region }) => plain(region));
}
