import type { Faults } from '../doubles/secrets-manager/faults';
import type { StoreFaults } from './store-under-test';

const READS = ['DescribeSecret', 'GetSecretValue'];
const WRITES = ['PutSecretValue', 'UpdateSecretVersionStage', 'RotateSecret'];

/**
 * The faults that a contract asks for in one region, injected by the double of Secrets Manager; other clients use another region.
 */
export const secretFaults = (faults: Faults, region: string): StoreFaults => ({
  loseWrites: (...lost) => {
    const [next] = lost;
    for (const operation of WRITES) {
      faults.plant({
        region,
        operation,
        times: 1,
        effect: { kind: next?.arrives === true ? 'drop_answer' : 'refuse' },
      });
    }
  },
  readsFail: () => {
    for (const operation of READS) faults.plant({ region, operation, effect: { kind: 'refuse' } });
  },
  writesFail: () => {
    for (const operation of WRITES) faults.plant({ region, operation, effect: { kind: 'refuse' } });
  },
});
