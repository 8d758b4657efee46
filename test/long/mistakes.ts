import { ALARM_MISTAKES } from './alarm-mistakes';
import { ALL_MISTAKES } from './all-mistakes';
import { CONTRACT_MISTAKES } from './contract-mistakes';
import type { PlantedMistake } from './planted-mistake';
import { TIME_MISTAKES } from './time-mistakes';
import { CREDENTIAL_MISTAKES } from './credential-mistakes';
import { WIRING_MISTAKES } from './wiring-mistakes';

/** The kinds of mistakes that are put into the product. */
export const MISTAKES: Readonly<Record<string, readonly PlantedMistake[]>> = {
  contracts: CONTRACT_MISTAKES,
  wiring: WIRING_MISTAKES,
  credentials: CREDENTIAL_MISTAKES,
  alarms: ALARM_MISTAKES,
  all: ALL_MISTAKES,
  times: TIME_MISTAKES,
};
