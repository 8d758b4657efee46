import { inflateLogData } from '../../adapters/aws/logs/inflate-log-data';
import { accessLogGroup } from '../contract/deployed-names';
import { createRecordRefusals } from '../refusals/record-refusals';
import type { RecordRefusalsUse } from '../refusals/record-refusals-event';
import { groupedAuditSinkIn } from './compose-adapters';
import { readService } from './configuration';
import type { Outside } from './lazy-runtime';

/** Composes the function that records what the gateway of its region refused. */
export function composeRecordRefusals(deps: Outside): RecordRefusalsUse {
  const { region } = deps.configuration;
  return {
    recordRefusals: createRecordRefusals({ ...deps, region, audit: groupedAuditSinkIn(deps, region) }),
    inflate: inflateLogData,
    logGroup: accessLogGroup(readService(process.env)),
    logger: deps.logger,
  };
}
