import { SETTLE_MS } from '../../lambdas/core/contract/protocol-times';
import { counted } from '../io/counted';
import { fitLine } from '../io/fit-line';
import { plain } from '../io/plain-text';
import type { ProgressState } from '../io/progress-display';
import type { DekRotationView } from './dek-rotation-view';

/** @param elapsedMs since the command began to follow */
export function dekRotationProgress(view: DekRotationView, elapsedMs: number): ProgressState {
  const title = plain(`${view.provider} v${view.version} ${view.status}`);
  const publishing = view.status === 'publishing';
  const parts = publishing ? publishingParts(view) : rekeyingParts(view);
  return {
    bar: (columns) =>
      publishing
        ? fitLine({ title, parts: [durationText(elapsedMs / 1000), ...parts] }, columns)
        : fitLine({ title, fraction: fractionOf(view), parts }, columns),
    code: view.status,
    detail: parts.join(', '),
    milestone: JSON.stringify([
      view.status,
      view.emergency,
      provedOf(view).length,
      view.counts.shards_verified,
      view.counts.failed > 0,
    ]),
  };
}

function publishingParts(view: DekRotationView): readonly string[] {
  const proved = provedOf(view);
  const waiting = view.regions.map(({ region }) => region).filter((region) => !proved.includes(region));
  return [
    `proved by ${proved.length} of ${view.regions.length} regions`,
    ...(waiting.length === 0 ? ['promotion is next'] : [plain(`waiting for ${waiting.join(', ')}`)]),
  ];
}

/** The current step comes first: once all is moved, the rotation waits for the verification, and the rate would only fall. */
function rekeyingParts(view: DekRotationView): readonly string[] {
  const { counts, estimated_seconds_left: left } = view;
  const verified = `${counts.shards_verified} of ${counts.shards} shards verified`;
  const moved = `${countText(doneOf(view))} of ${countText(counts.total)} values`;
  const wait = left === null || left === 0 ? [] : [`about ${durationText(left)} left`];
  const failed = counts.failed === 0 ? [] : [`${counted(counts.failed, 'does', 'do')} not decrypt`];
  if (movedOf(view) === 1) return [...wait, verified, moved, ...failed];
  const rate = view.moved_per_second === null ? [] : [`${countText(view.moved_per_second)}/s`];
  return [moved, ...rate, ...wait, verified, ...failed];
}

const provedOf = ({ regions }: DekRotationView): readonly string[] =>
  regions.flatMap(({ region, proved_at }) => (proved_at === null ? [] : [region]));

/** A value that a second pass finds again counts twice as moved. */
const doneOf = ({ counts }: DekRotationView): number =>
  Math.min(counts.total, counts.moved + counts.skipped + counts.failed);

/** The moved share, from 0 to 1. Shards that have not begun are assumed to be as large as the others. */
function movedOf(view: DekRotationView): number {
  const { total, shards, shards_begun: begun = shards } = view.counts;
  const ofBegun = total === 0 ? 1 : doneOf(view) / total;
  return (begun / shards) * ofBegun;
}

/** The elapsed share of the wait before the verification, from 0 to 1. It counts only when all is moved. */
function waitedOf(view: DekRotationView): number {
  if (movedOf(view) < 1) return 0;
  const { estimated_seconds_left: left } = view;
  return left === null ? 1 : Math.max(0, 1 - (left * 1000) / SETTLE_MS);
}

/**
 * Moving is one half, the wait for the verification a quarter, and verified shards the last quarter, so that the bar never
 * seems to stop. It is 100 % only when the rotation has ended.
 */
function fractionOf(view: DekRotationView): number {
  const { shards, shards_verified: verified } = view.counts;
  const fraction = movedOf(view) / 2 + waitedOf(view) / 4 + verified / shards / 4;
  return view.ended_at === null ? Math.min(fraction, 0.99) : fraction;
}

const countText = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 });

/** Seconds in at most two units. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${countText(hours)} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
