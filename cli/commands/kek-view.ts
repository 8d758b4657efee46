import * as z from 'zod/mini';
import { CliError, EXIT } from '../io/cli-error';
import type { JsonObject } from '../client/json-object';

const count = z.number().check(z.nonnegative());

/** The members of the KEK that the command line uses; a newer service may have more. */
const kek = z.object({
  source: z.string(),
  place: z.string(),
  version_id: z.string(),
  kek_id: z.string(),
  kek_count: count,
  created_at: z.string(),
  age_days: count,
  interval_days: count,
  next_rotation_at: z.string(),
  pending: z.nullable(z.object({ version_id: z.string(), tries: z.nullable(count), max_tries: z.nullable(count) })),
  regions: z.array(z.object({ region: z.string(), state: z.string() })),
  move: z.optional(z.object({ from: z.string(), to: z.string(), state: z.string(), started_at: z.string() })),
});

/** The KEK as the API shows it. */
export type KekView = z.infer<typeof kek>;

/** @throws CliError if the reply is not about the KEK */
export function readKek(reply: JsonObject): KekView {
  const { data } = kek.safeParse(reply);
  if (data === undefined) {
    throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply does not seem to be about the KEK');
  }
  return data;
}

const STATES: Readonly<Record<string, string>> = {
  current: 'has the current version',
  behind: 'has another version',
  no_answer: 'does not answer',
};

/** The KEK in rows of a name and a value, for a person. */
export function kekRows(reply: JsonObject): readonly (readonly [string, unknown])[] {
  const view = readKek(reply);
  return [
    ['source', view.source],
    ['place', view.place],
    ['version_id', view.version_id],
    ['kek_id', view.kek_id],
    ['kek_count', view.kek_count],
    ['created_at', view.created_at],
    ['age_days', view.age_days],
    ['interval_days', view.interval_days],
    ['next_rotation_at', view.next_rotation_at],
    ['pending', view.pending === null ? 'none' : `${view.pending.version_id}${triesText(view.pending)}`],
    ...view.regions.map(({ region, state }): [string, string] => ['region', `${region}: ${STATES[state] ?? state}`]),
    ...(view.move === undefined
      ? []
      : [['move', `${view.move.from} to ${view.move.to}: ${view.move.state}, begun ${view.move.started_at}`] as const]),
  ];
}

/** Of a pending rotation that Keyward drives. */
export const triesText = ({ tries, max_tries: most }: NonNullable<KekView['pending']>): string =>
  tries === null || most === null ? '' : `, try ${Math.max(1, tries)} of ${most}`;
