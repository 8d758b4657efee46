import { KeywardError } from '../../../lambdas/core/errors/errors';
import { OPERATION_IDS } from '../../../lambdas/core/runtime/operations';
import { ASKED, AUDITED, deployed, KEY } from './deployed-api';

/**
 * Every call of the API while the audit log takes no event, whether the call would succeed or be refused: the answer is 503, and
 * nothing changes.
 */

const audited = OPERATION_IDS.filter((operation) => AUDITED[operation]);

test('every audited call is asked for here', () => {
  expect(Object.keys(ASKED).sort()).toEqual([...audited].sort());
});

describe.each(audited)('%s', (operation) => {
  const askings = ['first', 'second', 'third'] as const;

  test.each(askings)('leaves an event, as it is asked for here (%s)', async (which) => {
    const { world, call, known } = await deployed();
    const asking = ASKED[operation]!(known)[askings.indexOf(which)];
    if (asking === undefined) return;
    const before = world.audit.events.length;
    expect(await call(operation, asking)).toMatchObject({ status: asking.status });
    expect(world.audit.events.length).toBeGreaterThan(before);
  });

  test.each(askings)('is a 503 that changes nothing and says nothing while no event is taken (%s)', async (which) => {
    const { world, call, kept, known } = await deployed();
    const asking = ASKED[operation]!(known)[askings.indexOf(which)];
    if (asking === undefined) return;
    const before = kept();
    const events = world.audit.events.length;
    world.audit.down = true;
    const reply = await call(operation, asking);
    expect(reply).toMatchObject({ status: 503, body: { code: 'audit_unavailable' } });
    expect(reply.text).not.toContain(KEY);
    expect(reply.text).not.toContain('kw1.');
    expect(kept()).toEqual(before);
    expect(world.audit.events).toHaveLength(events);
  });

  test.each(askings)('is a 503 whichever of its events is not taken (%s)', async (which) => {
    for (let taken = 0; ; taken += 1) {
      const { world, call, known } = await deployed();
      const asking = ASKED[operation]!(known)[askings.indexOf(which)];
      if (asking === undefined) return;
      const before = world.audit.events.length;
      let asked = 0;
      const append = world.audit.append.bind(world.audit);
      // Counted on arrival: a batch brings several at once.
      world.audit.append = (event) => {
        asked += 1;
        return asked > taken ? Promise.reject(new KeywardError('audit_unavailable', 'away')) : append(event);
      };
      const reply = await call(operation, asking);
      const written = world.audit.events.length - before;
      if (reply.status === asking.status) {
        // The number that it needed.
        expect(written).toBe(taken);
        expect(taken).toBeGreaterThan(0);
        return;
      }
      expect(reply).toMatchObject({ status: 503, body: { code: 'audit_unavailable' } });
      expect(reply.text).not.toContain(KEY);
      expect(reply.text).not.toContain('kw1.');
    }
  });
});

test.each(OPERATION_IDS.filter((operation) => !AUDITED[operation]))('%s leaves no event', async (operation) => {
  const { world, call } = await deployed();
  const before = world.audit.events.length;
  expect(await call(operation, {})).toMatchObject({ status: 200 });
  expect(world.audit.events).toHaveLength(before);
});
