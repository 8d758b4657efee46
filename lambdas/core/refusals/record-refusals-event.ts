import * as z from 'zod/mini';
import { parseStrictJson } from '../crypto/strict-json';
import type { Logger } from '../ports/logger';
import type { RecordedRefusals, RecordRefusals } from './record-refusals';

/** Dependencies of the function. */
export interface RecordRefusalsUse {
  readonly recordRefusals: RecordRefusals;
  /** The text of a delivery's data; undefined if it is none, or too long. */
  readonly inflate: (data: string) => string | undefined;
  /** Name of the log group whose lines it takes. */
  readonly logGroup: string;
  readonly logger: Logger;
}

/** The event of a subscription (CloudWatch Logs User Guide, "Log group-level subscription filters", "Example 2"). */
const subscribed = z.object({ awslogs: z.object({ data: z.string().check(z.minLength(1)) }) });

const delivery = z.discriminatedUnion('messageType', [
  // "mainly for checking if the destination is reachable".
  z.object({ messageType: z.literal('CONTROL_MESSAGE') }),
  z.object({
    messageType: z.literal('DATA_MESSAGE'),
    logGroup: z.string(),
    logEvents: z.array(z.object({ message: z.string() })),
  }),
]);

/** A pair of surrogates, one without its other, and any other escape, so that no escaped backslash begins one. */
const ESCAPES = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\[^]/g;
const LONE_SURROGATE = /^\\u[^\\]{4}$/;

/** Strict JSON has no lone surrogate; one of a sender must not make the lines of all others unreadable. */
const replaceLoneSurrogates = (text: string): string =>
  text.replace(ESCAPES, (escape) => (LONE_SURROGATE.test(escape) ? '\\ufffd' : escape));

/**
 * Records what the access log has of refusals. An event that is not a delivery of that log is refused, so that Lambda tries it again and
 * then puts it into the queue of what failed: nothing that CloudWatch Logs sent is dropped.
 */
export const recordRefusalsEvent = {
  name: 'record-refusals',
  parse: (event: unknown, { inflate, logGroup }: RecordRefusalsUse): readonly string[] | undefined => {
    const data = z.safeParse(subscribed, event).data?.awslogs.data;
    const text = data === undefined ? undefined : inflate(data);
    if (text === undefined) return undefined;
    const read = z.safeParse(delivery, parseStrictJson(replaceLoneSurrogates(text))).data;
    if (read?.messageType === 'CONTROL_MESSAGE') return [];
    return read?.logGroup === logGroup ? read.logEvents.map(({ message }) => message) : undefined;
  },
  serve: async (lines: readonly string[], { recordRefusals, logger }: RecordRefusalsUse): Promise<RecordedRefusals> => {
    const done = await recordRefusals(lines);
    const operation = recordRefusalsEvent.name;
    logger.info('recorded', { operation, count: done.recorded });
    if (done.counted > 0)
      logger.warn('more requests were refused than have events', { operation, count: done.counted });
    if (done.malformed > 0) {
      logger.error('lines of the access log are not of its format', { operation, count: done.malformed });
    }
    return done;
  },
};
