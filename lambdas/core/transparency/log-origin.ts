/** A log's identity: one log for each region of each stage of each owner. */
export interface LogOrigin {
  /** A domain in lower case, or the 12 digits of an AWS account. */
  readonly owner: string;
  readonly stage: string;
  readonly region: string;
}

const PRODUCT = 'keyward';
const COSIGNER = 'cosigner';
const MAX_DOMAIN = 253;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const OWNER = new RegExp(`^(?:[0-9]{12}|${LABEL}(?:\\.${LABEL})+)$`);
const PART = new RegExp(`^${LABEL}$`);

/**
 * The origin of a log's checkpoints and the name of its key, `<owner>/keyward/<stage>/<region>`: a schema-less URL without spaces
 * and plus signs, as tlog-checkpoint recommends ("Note text").
 *
 * @returns undefined if a part has characters that would make the name ambiguous
 */
export const formatOrigin = ({ owner, stage, region }: LogOrigin): string | undefined =>
  owner.length <= MAX_DOMAIN && OWNER.test(owner) && PART.test(stage) && PART.test(region)
    ? [owner, PRODUCT, stage, region].join('/')
    : undefined;

/** The name of the key with which a log cosigns its own checkpoints, so that their age can be told. */
export const cosignerOf = (origin: string): string => `${origin}/${COSIGNER}`;

/** Whether a key is the log's own, or of a witness that its owner named after the log: such a witness is no outside one. */
export const isOwnName = (name: string, origin: string): boolean => name === origin || name.startsWith(`${origin}/`);
