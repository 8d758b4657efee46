import { caller, World } from '../../doubles/world';

const HERE = 'eu-west-1';

function emptyWorld() {
  const world = new World();
  return { world, logs: world.publishing([HERE, 'us-east-1']) };
}

it('publishes the log of this region, or of the one that is asked for, and leaves an event', async () => {
  const { world, logs } = emptyWorld();
  await world.application.queryAuditEvents(caller, { from: '2026-11-20', to: '2026-11-22', limit: 1 });
  logs.archiveAll();
  await expect(world.application.requestPublication(caller, {})).resolves.toMatchObject({
    region: HERE,
    published: { size: 1, counts: { added: 1 } },
  });
  await expect(world.application.requestPublication(caller, { region: 'us-east-1' })).resolves.toMatchObject({
    region: 'us-east-1',
    published: { size: 0 },
  });
  expect(world.audit.events.at(-1)).toMatchObject({
    event_type: 'config_change',
    success: true,
    metadata: { operation: 'publish_log', filters: '{"region":"us-east-1"}' },
  });
});

it('asks for a hand-over, on record', async () => {
  const { world } = emptyWorld();
  const asked: unknown[] = [];
  const publish = (...given: unknown[]) => {
    asked.push(given);
    return Promise.resolve(undefined);
  };
  world.log = { ...world.log!, publisher: { publish } };
  world.restart();
  await world.application.requestPublication(caller, { handOver: true });
  await world.application.requestPublication(caller, {});
  expect(asked).toEqual([
    [HERE, { handOver: true }],
    [HERE, { handOver: false }],
  ]);
  expect(world.audit.events.at(-2)).toMatchObject({ metadata: { operation: 'hand_over_log' } });
});

it('says nothing of a size where the publisher is still at work', async () => {
  const { world } = emptyWorld();
  world.log = { ...world.log!, publisher: { publish: () => Promise.resolve(undefined) } };
  world.restart();
  await expect(world.application.requestPublication(caller, {})).resolves.toEqual({ region: HERE });
});

it.each([
  ['log_damaged', 'state_mismatch'],
  ['store_unavailable', 'publisher_contended'],
] as const)('fails with %s for the fault %s, on record', async (code, fault) => {
  const { world } = emptyWorld();
  world.log = { ...world.log!, publisher: { publish: () => Promise.resolve({ fault }) } };
  world.restart();
  await expect(world.application.requestPublication(caller, {})).rejects.toMatchObject({ code });
  expect(world.audit.events.at(-1)).toMatchObject({ success: false, metadata: { operation: 'publish_log', code } });
});

it('does not ask a publisher that is not there', async () => {
  const { world } = emptyWorld();
  const asked = world.application.requestPublication(caller, { region: 'ap-south-1' });
  await expect(asked).rejects.toMatchObject({ code: 'log_not_found' });
  const none = new World();
  await expect(none.application.requestPublication(caller, {})).rejects.toMatchObject({ code: 'log_not_found' });
});
