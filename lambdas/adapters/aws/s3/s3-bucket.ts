import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { KeywardError } from '../../../core/errors/errors';
import type { Clock } from '../../../core/ports/clock';
import { attemptsOf } from '../attempts-of';
import { orUnavailable, storeUnavailable } from '../dynamodb/store-unavailable';
import { unusableAnswer } from '../observability/name-failures';

export interface S3BucketConfig {
  readonly client: S3Client;
  readonly bucket: string;
  readonly clock: Pick<Clock, 'sleep'>;
}

/** An object as it was read. The tag is opaque: what it is made of depends on the encryption (API_Object, ETag). */
interface S3Object {
  readonly bytes: Buffer;
  readonly tag: string;
}

/** On what a write depends: that the object still is the one with this tag, or that there is none. */
type S3Condition = { readonly tag: string } | 'absent';

/** `refused_late`: an attempt whose answer was lost may have been applied before, so the refusal may be its effect. */
type S3Written = 'written' | 'refused' | 'refused_late';

/**
 * The objects of one bucket. Reads and listings see every write that was answered (Amazon S3 User Guide, "Amazon S3 data consistency
 * model"). Every call throws KeywardError `store_unavailable` for what is no answer.
 */
export interface S3Bucket {
  /** Undefined if there is no such object: with the permission to list the bucket alone, otherwise S3 denies it. */
  read(key: string): Promise<S3Object | undefined>;
  put(key: string, bytes: Buffer): Promise<void>;
  /** @throws KeywardError `store_unavailable`; after an outage the object may have been written */
  putIf(key: string, bytes: Buffer, condition: S3Condition): Promise<S3Written>;
  /** As {@link putIf}, but reads what is there if the answer does not tell. @returns false if nothing was written */
  putIfSettled(key: string, bytes: Buffer, condition: S3Condition): Promise<boolean>;
  /** The keys below a prefix, in the order of their bytes: all, or at most so many of those after one. */
  keys(prefix: string, part?: { readonly after: string; readonly limit: number }): Promise<readonly string[]>;
  /** The prefixes one slash below a prefix, in the order of their bytes, from those on that are not before `from`. */
  folders(prefix: string, from?: string): Promise<readonly string[]>;
}

/** Times that an object is read whose body breaks off: the SDK repeats a call up to the headers alone. */
const BODY_ATTEMPTS = 3;
/** Times that a write is sent which meets another one of the same key, which S3 answers with 409. */
const CONFLICT_ATTEMPTS = 8;
const CONFLICT_PAUSE_MS = 50;
/** Names in one page of a listing at most. */
const PAGE = 1_000;

export function createS3Bucket({ client, bucket: Bucket, clock }: S3BucketConfig): S3Bucket {
  const unavailable = (thrown: unknown): KeywardError => storeUnavailable(thrown, 'the bucket');

  async function read(key: string): Promise<S3Object | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await client.send(new GetObjectCommand({ Bucket, Key: key })).catch((thrown: unknown) => {
        if (isNamed(thrown, 'NoSuchKey')) return undefined;
        throw unavailable(thrown);
      });
      if (answer === undefined) return undefined;
      const { Body: body, ETag: tag } = answer;
      const bytes = await body?.transformToByteArray().catch(() => undefined);
      if (bytes !== undefined && tag !== undefined) return { bytes: Buffer.from(bytes), tag };
      if (attempt === BODY_ATTEMPTS) throw unavailable(await unusableAnswer(client, 'GetObject'));
    }
  }

  /** With the checksum that a bucket with Object Lock asks for (API_PutObject), whatever the SDK is configured to send. */
  const send = (
    key: string,
    bytes: Buffer,
    condition?: { readonly IfNoneMatch: string } | { readonly IfMatch: string },
  ) => client.send(new PutObjectCommand({ Bucket, Key: key, Body: bytes, ChecksumAlgorithm: 'CRC32', ...condition }));

  /**
   * Conditional writes (Amazon S3 User Guide, "How to prevent object overwrites with conditional writes"): 412 Precondition Failed
   * if the condition does not hold, 404 Not Found for a tag where there is no object, 409 Conflict for another write or deletion of
   * the key at the same time: then nothing was written, and the write is sent again.
   */
  async function putIf(key: string, bytes: Buffer, condition: S3Condition): Promise<S3Written> {
    const on = condition === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition.tag };
    let mayBeApplied = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await send(key, bytes, on);
        return 'written';
      } catch (thrown) {
        mayBeApplied ||= attemptsOf(thrown) > 1;
        if (isNamed(thrown, 'PreconditionFailed', 'NoSuchKey')) return mayBeApplied ? 'refused_late' : 'refused';
        if (!isNamed(thrown, 'ConditionalRequestConflict') || attempt === CONFLICT_ATTEMPTS) throw unavailable(thrown);
        await clock.sleep(CONFLICT_PAUSE_MS * attempt);
      }
    }
  }

  async function isThere(key: string, bytes: Buffer): Promise<boolean> {
    return (await read(key))?.bytes.equals(bytes) === true;
  }

  async function putIfSettled(key: string, bytes: Buffer, condition: S3Condition): Promise<boolean> {
    try {
      const written = await putIf(key, bytes, condition);
      return written === 'refused_late' ? await isThere(key, bytes) : written === 'written';
    } catch (thrown) {
      if ((thrown as KeywardError).outside?.kind === 'outage' && (await isThere(key, bytes))) return true;
      throw thrown;
    }
  }

  /** The pages of a listing, up to a number of names: one has at most 1,000 (API_ListObjectsV2). */
  async function list(
    input: { readonly Prefix: string; readonly Delimiter?: '/'; readonly StartAfter: string | undefined },
    namesIn: (page: ListObjectsV2CommandOutput) => readonly (string | undefined)[],
    limit = Infinity,
  ): Promise<readonly string[]> {
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const MaxKeys = Math.min(PAGE, limit - found.length);
      const page = await orUnavailable(
        client.send(new ListObjectsV2Command({ Bucket, ...input, MaxKeys, ContinuationToken })),
        'the bucket',
      );
      found.push(...namesIn(page).filter((name) => name !== undefined));
      ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined && found.length < limit);
    return found;
  }

  return {
    read,
    put: async (key, bytes) => {
      await orUnavailable(send(key, bytes), 'the bucket');
    },
    putIf,
    putIfSettled,
    keys: (prefix, part) =>
      list(
        { Prefix: prefix, StartAfter: part?.after === '' ? undefined : part?.after },
        ({ Contents = [] }) => Contents.map(({ Key }) => Key),
        part?.limit,
      ),
    folders: (prefix, from) =>
      list({ Prefix: prefix, Delimiter: '/', StartAfter: from }, ({ CommonPrefixes = [] }) =>
        CommonPrefixes.map(({ Prefix }) => Prefix),
      ),
  };
}

const isNamed = (thrown: unknown, ...names: readonly string[]): boolean =>
  names.includes(String((Object(thrown) as { name?: unknown }).name));
