import { formatEventLine } from '../../lambdas/core/audit/event-line';
import { AuditLogs, memoryEventLines } from '../doubles/transparency/audit-logs';
import { memoryLogFiles, memoryLogs } from '../doubles/transparency/memory-logs';
import { MemoryAudit } from '../doubles/memory-ports';
import { World, caller } from '../doubles/world';
import { keeps } from './contract';
import { eventLinesContract, logFilesContract, logsContract } from './published-logs.contract';

const REGIONS = ['eu-west-1', 'us-east-1'];

const logOf = () => new AuditLogs(new MemoryAudit(), { now: () => Date.UTC(2026, 10, 27) }, REGIONS).of('eu-west-1');

keeps('memoryLogFiles', logFilesContract, () => {
  const log = logOf();
  log.keysFile = undefined;
  return {
    port: memoryLogFiles({ publisher: log.publisher(), read: (path) => log.read(path) }),
    put: async (path, bytes) => void log.store.set(path, bytes),
  };
});

keeps('memoryLogs', logsContract, () => {
  const log = logOf();
  const memory = { publisher: log.publisher(), read: (path: string) => log.read(path) };
  return { port: memoryLogs(Object.fromEntries(REGIONS.map((region) => [region, memory]))) };
});

keeps('memoryEventLines', eventLinesContract, () => {
  const world = new World();
  return {
    port: memoryEventLines(world.audit),
    stored: async () => {
      await world.application.encrypt(caller, { provider: 'openai', plaintext: 'x', context: {} });
      const record = world.audit.records.at(-1)!;
      return { ...record, line: formatEventLine(record) };
    },
  };
});
