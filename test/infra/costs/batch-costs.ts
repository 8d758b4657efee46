import { ASSUMED, restCalls, writtenUnits, type CostLine } from './cost-model';
import type { Deployed } from './deployed-quantities';
import type { MeasuredSizes } from './measured-sizes';
import { GB, MILLION, PRICES } from './prices';

/** How many tokens a request brings: one by `decrypt`, more by `decrypt-batch`. */
export const BATCH_SIZES = [1, 10, 25, 100] as const;

/** Begins the lines that do not depend on the size. */
export const EVENTS = 'Audit events';

/**
 * What a million audited decrypts cost beside what the deployment costs anyway: one request brings so many of them, each with an
 * event of its own. `dollars` takes how many. API Gateway, firewall, function and log lines are charged by the request.
 */
export function batchCostLines(deployed: Deployed, sizes: MeasuredSizes): readonly CostLine[] {
  const requests = (batchSize: number): number => 1 / batchSize;
  const billedMs = (batchSize: number): number => ASSUMED.billedMs + ASSUMED.billedMsBatched * (batchSize - 1);
  const answerBytes = (batchSize: number): number => ASSUMED.answerBytes + ASSUMED.answerBytesBatched * (batchSize - 1);
  const logBytes = sizes.logLines.reduce((sum, line) => sum + line, 0);
  const replicas = deployed.regions - 1;
  const { written, expiring, keptGb } = writtenUnits(deployed, sizes);
  return [
    {
      what: 'API Gateway, REST, of the first 333 million requests',
      dollars: (size) => restCalls(requests(size)),
    },
    { what: 'Firewall', dollars: (size) => PRICES.millionInspected * requests(size) },
    {
      what: `Lambda: ${ASSUMED.billedMs} ms, and ${ASSUMED.billedMsBatched} ms for each further token`,
      dollars: (size) =>
        (PRICES.millionInvocations + (billedMs(size) / 1000) * deployed.memoryGb * PRICES.gbSecond * MILLION) *
        requests(size),
    },
    {
      what: `Logs: ${logBytes.toLocaleString('en-US')} bytes a request`,
      dollars: (size) => ((logBytes * MILLION) / GB) * PRICES.logGb * requests(size),
    },
    {
      what: `Answers: ${ASSUMED.answerBytes.toLocaleString('en-US')} bytes, and ${ASSUMED.answerBytesBatched} for each further token`,
      dollars: (size) => (answerBytes(size) * MILLION * PRICES.outGb * requests(size)) / GB,
    },
    {
      what: 'Audit events: written in each region, sent there, and expired',
      dollars: () =>
        (written + expiring) * PRICES.millionWrites +
        (sizes.auditItem * MILLION * replicas * PRICES.betweenRegionsGb) / GB,
    },
    { what: 'Audit events: kept', dollars: () => keptGb * (PRICES.tableGb + PRICES.recoveryGb) },
  ];
}
