import { fitLine } from '../io/fit-line';
import { plain } from '../io/plain-text';
import type { ProgressState } from '../io/progress-display';
import type { RotationView } from './rotation-view';

/** @param elapsedMs since the following began */
export function rotationProgress(view: RotationView, elapsedMs: number): ProgressState {
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

function publishingParts(view: RotationView): readonly string[] {
  const proved = provedOf(view);
  const waiting = view.regions.map(({ region }) => region).filter((region) => !proved.includes(region));
  return [
    `proved by ${proved.length} of ${view.regions.length} regions`,
    ...(waiting.length === 0 ? ['promotion is next'] : [plain(`waiting for ${waiting.join(', ')}`)]),
  ];
}

function rekeyingParts(view: RotationView): readonly string[] {
  const { counts, estimated_seconds_left: left } = view;
  // Once all is moved the wait for the verification would make it look ever slower.
  const rate = doneOf(view) < counts.total ? view.moved_per_second : null;
  return [
    `${countText(doneOf(view))} of ${countText(counts.total)} credentials`,
    ...(rate === null ? [] : [`${countText(rate)}/s`]),
    ...(left === null || left === 0 ? [] : [`about ${durationText(left)} left`]),
    `${counts.shards_verified} of ${counts.shards} shards verified`,
    ...(counts.failed === 0 ? [] : [`${countText(counts.failed)} do not decrypt`]),
  ];
}

const provedOf = ({ regions }: RotationView): readonly string[] =>
  regions.flatMap(({ region, proved_at }) => (proved_at === null ? [] : [region]));

/** A credential that is found again in a second pass counts twice as moved. */
const doneOf = ({ counts }: RotationView): number =>
  Math.min(counts.total, counts.moved + counts.skipped + counts.failed);

const fractionOf = (view: RotationView): number => (view.counts.total === 0 ? 0 : doneOf(view) / view.counts.total);

export const countText = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 });

/** Seconds in at most two units. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${countText(hours)} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
