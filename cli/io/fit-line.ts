/** The parts of a progress line. */
export interface ProgressLine {
  readonly title: string;
  /** From 0 to 1; absent if unknown. */
  readonly fraction?: number;
  /** The most important one first. */
  readonly parts: readonly string[];
}

const BAR_WIDTHS = [24, 12, 6];

/** Fits a progress line: first the bar gets shorter, then the last parts go, then the bar, then all but the title. */
export function fitLine({ title, fraction, parts }: ProgressLine, columns: number): string {
  const fewer = Array.from({ length: parts.length + 1 }, (_, gone) => parts.slice(0, parts.length - gone));
  const bars = fraction === undefined ? [] : BAR_WIDTHS.map((width) => barOf(fraction, width));
  const candidates = [
    ...bars.map((bar) => [title, bar, ...parts]),
    ...bars.slice(-1).flatMap((bar) => fewer.map((some) => [title, bar, ...some])),
    ...fewer.map((some) => [title, ...some]),
  ].map((pieces) => pieces.join('  '));
  return candidates.find((line) => line.length <= columns) ?? title.slice(0, Math.max(0, columns));
}

function barOf(fraction: number, width: number): string {
  const filled = Math.floor(fraction * width);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${Math.floor(fraction * 100)}%`;
}
