import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../lambdas/adapters/system/system-clock';
import { createSystemRandomness } from '../lambdas/adapters/system/system-randomness';
import { newAuditRecord, type AuditRecord } from '../lambdas/core/audit/audit-record';
import { LOCAL_REGION } from '../lambdas/core/contract/local-mode';
import { newId } from '../lambdas/core/crypto/randomness';
import { openAuditJournal } from '../local/journal/audit-journal';
import { openDiskJournalFiles } from '../local/journal/disk-journal-files';

/** An HTTP server whose requests only append an event to a journal and wait for it. Arguments: the journal's directory, `fillMs`. */

/** Time of a request without its event: signature, cipher, JSON. */
const REQUEST_MS = 0.06;

const randomness = createSystemRandomness();

const newRecord = (): AuditRecord =>
  newAuditRecord(
    { clock: systemClock, randomness },
    {
      event_type: 'decrypt',
      provider: 'openai',
      user_id: 'arn:aws:iam::000000000000:user/administrator',
      ip_address: '127.0.0.1',
      success: true,
      region: LOCAL_REGION,
      request_id: newId(randomness),
      key_version: 1,
      token_sha256: '0'.repeat(64),
      metadata: { operation: 'decrypt' },
    },
  );

async function main([directory = '', fillMs = '0']: readonly string[]): Promise<void> {
  let groups = 0;
  const files = await openDiskJournalFiles(directory);
  const journal = await openAuditJournal({
    files: {
      ...files,
      create: async (name) => {
        const file = await files.create(name);
        const sync = (): Promise<void> => {
          groups += 1;
          return file.sync();
        };
        return { ...file, sync };
      },
    },
    clock: systemClock,
    deadlineMs: 30_000,
    fillMs: Number(fillMs),
    onFailure: () => undefined,
    onSetAside: () => undefined,
  });
  const server = createServer((_, response) => {
    const until = performance.now() + REQUEST_MS;
    while (performance.now() < until);
    journal.append(newRecord()).then(
      () => response.end('{}'),
      () => response.writeHead(503).end(),
    );
  });
  process.on('message', () => process.send?.({ groups, cpu: process.cpuUsage() }));
  process.on('disconnect', () => process.exit(0));
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
}

void main(process.argv.slice(2));
