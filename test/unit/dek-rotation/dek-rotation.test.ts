import type { StepContext } from '../../../lambdas/core/keysets/step-context';
import {
  abortRotation,
  awaitsGrace,
  cancelDestruction,
  changePolicy,
  destroyVersion,
  endDekRotation,
  makeEmergency,
  newDekRotationId,
  noteReferences,
  promoteVersion,
  publishVersion,
  retireVersion,
  scheduleDestruction,
  startGrace,
} from '../../../lambdas/core/dek-rotation/dek-rotation';
import { destructionDue } from '../../../lambdas/core/dek-rotation/when-version-may-be-destroyed';
import { newKeyset, verifyKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import { newKeks, TEST_START, testRandomness } from '../../doubles/memory-ports';

const keks = newKeks();
const at = (now: number): StepContext => ({ kek: keks.primary, now, randomness: testRandomness });
const NOW = TEST_START + 1000;
const deps = at(NOW);
const DAY_MS = 86_400_000;

const start = (emergency = false) => ({ id: newDekRotationId(NOW, testRandomness), emergency, started_by: 'tester' });
const fresh = newKeyset('openai', keks.primary, TEST_START, testRandomness, 7);
const published = publishVersion(fresh, start(), deps);
const promoted = promoteVersion(published, deps);
const inGrace = startGrace(promoted, deps);
const ended = endDekRotation(inGrace, true, deps);
const retired = retireVersion(ended, 1, deps);
const scheduled = scheduleDestruction(retired, 1, 7, deps);
const destroyed = destroyVersion(scheduled, 1, at(NOW + 36 * DAY_MS));

const STATES: Readonly<Record<string, KeysetRecord>> = {
  fresh,
  published,
  emergency: makeEmergency(published, { by: 'tester' }, deps),
  promoted,
  inGrace,
  ended,
  retired,
  scheduled,
  destroyed,
};

const STEPS: Readonly<Record<string, { from: readonly string[]; step: (record: KeysetRecord) => KeysetRecord }>> = {
  publish: {
    from: ['fresh', 'ended', 'retired', 'scheduled', 'destroyed'],
    step: (r) => publishVersion(r, start(), deps),
  },
  'publish in an emergency': {
    from: ['fresh', 'promoted', 'inGrace', 'ended', 'retired', 'scheduled', 'destroyed'],
    step: (r) => publishVersion(r, start(true), deps),
  },
  'make it an emergency': { from: ['published'], step: (r) => makeEmergency(r, { by: 'tester' }, deps) },
  promote: { from: ['published', 'emergency'], step: (r) => promoteVersion(r, deps) },
  'start the grace period': { from: ['promoted'], step: (r) => startGrace(r, deps) },
  abort: { from: ['published', 'emergency'], step: (r) => abortRotation(r, deps) },
  end: { from: ['promoted', 'inGrace'], step: (r) => endDekRotation(r, true, deps) },
  retire: { from: ['promoted', 'inGrace', 'ended'], step: (r) => retireVersion(r, 1, deps) },
  'note references': {
    from: ['promoted', 'inGrace', 'ended', 'retired', 'scheduled'],
    step: (r) => noteReferences(r, 1, true, deps),
  },
  'schedule a destruction': { from: ['retired'], step: (r) => scheduleDestruction(r, 1, 7, deps) },
  'cancel a destruction': { from: ['scheduled'], step: (r) => cancelDestruction(r, 1, deps) },
  destroy: { from: ['scheduled'], step: (r) => destroyVersion(r, 1, at(NOW + 35 * DAY_MS)) },
};

describe.each(Object.entries(STEPS))('the step: %s', (_, { from, step }) => {
  it.each(Object.keys(STATES).filter((state) => from.includes(state)))(
    'from %s gives the next revision, signed',
    (state) => {
      const before = STATES[state]!;
      const copy = structuredClone(before);
      const after = step(before);
      expect(before).toStrictEqual(copy);
      expect(after.revision).toBe(before.revision + 1);
      expect(after.write_id).not.toBe(before.write_id);
      expect(verifyKeyset(structuredClone(after), 'openai', keks)).toStrictEqual(after);
      expect(Object.values(after.versions).filter((entry) => entry.state === 'primary')).toHaveLength(1);
    },
  );

  it.each(Object.keys(STATES).filter((state) => !from.includes(state)))('does not apply to %s', (state) => {
    expect(() => step(STATES[state]!)).toThrow(RangeError);
  });
});

describe('what the steps keep', () => {
  it('numbers no version twice, also after an abort', () => {
    const aborted = abortRotation(published, deps);
    expect(aborted).toMatchObject({ highest_version: 2, versions: { 1: { state: 'primary' } } });
    expect(aborted.versions).not.toHaveProperty('2');
    expect(publishVersion(aborted, start(), deps).rotation?.version).toBe(3);
  });

  it('counts a promotion, and nothing else, as a rotation', () => {
    expect([published, promoted, inGrace, ended, retired].map((record) => record.dek_rotation_count)).toStrictEqual([
      0, 1, 1, 1, 1,
    ]);
    expect(promoted.dek_created_at).toBe(promoted.versions[2]?.created_at);
  });

  it('starts the grace period of a version once, with the policy of that moment', () => {
    expect(awaitsGrace(promoted)).toBe(true);
    expect(awaitsGrace(inGrace)).toBe(false);
    expect(inGrace.versions[1]?.grace_until).toBe(new Date(NOW + 7 * DAY_MS).toISOString());
  });

  it('destroys at the later of the window and the last restorable copy, and only what nothing refers to', () => {
    const entry = scheduled.versions[1]!;
    expect(destructionDue(entry)).toBe(NOW + 35 * DAY_MS);
    expect(destructionDue(scheduleDestruction(retired, 1, 30, at(NOW + 20 * DAY_MS)).versions[1]!)).toBe(
      NOW + 50 * DAY_MS,
    );
    expect(destructionDue(noteReferences(scheduled, 1, true, deps).versions[1]!)).toBeUndefined();
    expect(destructionDue(retired.versions[1]!)).toBeUndefined();
    expect(destructionDue(destroyed.versions[1]!)).toBeUndefined();
    expect(() => destroyVersion(scheduled, 1, at(NOW + 35 * DAY_MS - 1))).toThrow(RangeError);
    expect(() => destroyVersion(scheduled, 9, deps)).toThrow(RangeError);
    expect(destroyed.versions[1]).not.toHaveProperty('encrypted_dek');
  });

  it('notes since when nothing refers to a version, and keeps the first time', () => {
    const dirty = endDekRotation(inGrace, false, deps);
    expect(dirty.last_rotation?.outcome).toBe('completed_with_failures');
    expect(dirty.versions[1]).not.toHaveProperty('unreferenced_since');
    const noted = noteReferences(dirty, 1, false, deps);
    const again = noteReferences(noted, 1, false, at(NOW + DAY_MS));
    expect(again.versions[1]?.unreferenced_since).toBe(new Date(NOW).toISOString());
    expect(retireVersion(noted, 1, at(NOW + DAY_MS)).versions[1]?.unreferenced_since).toBe(new Date(NOW).toISOString());
  });

  it('lets an emergency end every grace period', () => {
    const emergency = promoteVersion(publishVersion(ended, start(true), deps), deps);
    expect(emergency.versions).toMatchObject({
      1: { state: 'rewrap_only' },
      2: { state: 'rewrap_only' },
      3: { state: 'primary' },
    });
    const ordinary = promoteVersion(publishVersion(ended, start(), deps), deps);
    expect(ordinary.versions).toMatchObject({ 1: { state: 'decrypt_only' }, 2: { state: 'decrypt_only' } });
    expect(startGrace(ordinary, at(NOW + DAY_MS)).versions[1]?.grace_until).toBe(ended.versions[1]?.grace_until);
  });

  it('says which rotation an emergency has superseded', () => {
    expect(publishVersion(promoted, start(true), deps).last_rotation).toMatchObject({
      id: promoted.rotation?.id,
      outcome: 'superseded',
    });
  });

  it('reckons the next rotation from the last one, or from the age of the key', () => {
    const policy = { enabled: true, interval_days: 30, grace_period_days: 1 };
    const first = Date.parse(changePolicy(fresh, policy, deps).rotation_policy.next_rotation_at);
    expect(first).toBe(TEST_START + 30 * DAY_MS);
    const later = Date.parse(changePolicy(promoted, policy, deps).rotation_policy.next_rotation_at);
    expect(later).toBe(NOW + 30 * DAY_MS);
  });

  it('makes ids that sort by time', () => {
    const ids = [1, 1e12, NOW, NOW + 1].map((time) => newDekRotationId(time, testRandomness));
    expect([...ids].sort()).toStrictEqual(ids);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  });
});
