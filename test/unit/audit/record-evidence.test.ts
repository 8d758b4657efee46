import { KeywardError } from '../../../lambdas/core/errors/errors';
import { caller, World } from '../../doubles/world';

const PACK = {
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-11-20T00:00:00.000Z',
  manifest_sha256: 'ab'.repeat(32),
  events: 12,
};

test('the hash of a pack becomes an event of its caller, whose place is returned and whose nonce is not', async () => {
  const world = new World();
  const recorded = await world.application.recordEvidence(caller, PACK);
  const [event] = world.audit.events;
  expect(event).toMatchObject({
    ...caller,
    event_type: 'audit_read',
    provider: null,
    success: true,
    metadata: {
      operation: 'record_evidence',
      read_from: PACK.from,
      read_to: PACK.to,
      manifest_sha256: PACK.manifest_sha256,
      events: 12,
    },
  });
  expect(recorded).toStrictEqual({
    id: event?.id,
    timestamp: event?.timestamp,
    user_id: caller.user_id,
    manifest_sha256: PACK.manifest_sha256,
  });
});

test('nothing is returned where the event is not durable', async () => {
  const world = new World();
  world.audit.failFrom = 0;
  await expect(world.application.recordEvidence(caller, PACK)).rejects.toThrow(KeywardError);
});
