import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { closeServer } from './close-server';

/** One request, as a fault sees it. */
interface S3Request {
  readonly operation: 'GetObject' | 'PutObject' | 'ListObjectsV2';
  readonly bucket: string;
  /** Empty for a listing. */
  readonly key: string;
}

/**
 * What goes wrong with a request: its answer is lost after its effect, it never arrives, its body breaks off, or S3 answers with an
 * error (Amazon S3 API Reference, "Error responses").
 */
export type S3Fault = 'lost' | 'unsent' | 'torn' | { readonly status: number; readonly code: string };

export interface RunningS3 {
  readonly endpoint: string;
  /** By bucket, then by key. Every bucket exists. */
  readonly buckets: Map<string, Map<string, Buffer>>;
  /** Requests in order of arrival, with their conditions. */
  readonly requests: (S3Request & { readonly ifMatch?: string; readonly ifNoneMatch?: string })[];
  fault: (request: S3Request) => S3Fault | undefined;
  close(): Promise<void>;
}

/** Names in one page of a listing at most, so that a few objects need several; S3 has 1,000. */
const PAGE = 3;

/** The tag of an object without encryption, or with that of S3 itself (API_Object, ETag). */
const tagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

function crc32Of(bytes: Buffer): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString('base64');
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/**
 * Serves GetObject, PutObject and ListObjectsV2 on a free port of 127.0.0.1, with the bucket in the path. Conditions are those of
 * "How to prevent object overwrites with conditional writes" (Amazon S3 User Guide): `If-None-Match: *` and `If-Match` answer 412,
 * `If-Match` without an object 404. A write needs the checksum of its body, which S3 wants where Object Lock retains what is written
 * (API_PutObject, "Content-MD5"). What was answered is read and listed at once ("Amazon S3 data consistency model").
 */
export async function startS3(): Promise<RunningS3> {
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void (async () => {
      serve(s3, request, await buffer(request), response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const s3: RunningS3 = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    buckets: new Map(),
    requests: [],
    fault: () => undefined,
    close: () => closeServer(server),
  };
  return s3;
}

function serve(s3: RunningS3, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const url = new URL(request.url ?? '', s3.endpoint);
  const [, bucket = '', ...parts] = url.pathname.split('/').map(decodeURIComponent);
  const key = parts.join('/');
  const operation = request.method === 'PUT' ? 'PutObject' : key === '' ? 'ListObjectsV2' : 'GetObject';
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'x-amz-checksum-crc32': checksum } = request.headers;
  const asked = { operation, bucket, key } as const;
  s3.requests.push({
    ...asked,
    ...(ifMatch !== undefined && { ifMatch }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch }),
  });
  const fault = s3.fault(asked);
  if (fault === 'unsent') {
    request.socket.resetAndDestroy();
    return;
  }
  if (typeof fault === 'object') {
    fail(response, fault.status, fault.code);
    return;
  }
  if (operation === 'PutObject' && checksum !== crc32Of(body)) {
    fail(response, 400, checksum === undefined ? 'InvalidRequest' : 'BadDigest');
    return;
  }
  const objects = s3.buckets.get(bucket) ?? new Map<string, Buffer>();
  s3.buckets.set(bucket, objects);
  const stored = objects.get(key);
  if (operation === 'PutObject') {
    const refusal = refusalOf(stored, { ifMatch, ifNoneMatch });
    if (refusal === undefined) objects.set(key, body);
    if (fault === 'lost') request.socket.resetAndDestroy();
    else if (refusal !== undefined) fail(response, ...refusal);
    else response.writeHead(200, { etag: tagOf(body) }).end();
    return;
  }
  if (operation === 'ListObjectsV2') {
    response.writeHead(200, { 'content-type': 'application/xml' }).end(listing(bucket, objects, url.searchParams));
    return;
  }
  if (stored === undefined) {
    fail(response, 404, 'NoSuchKey');
    return;
  }
  response.writeHead(200, { etag: tagOf(stored), 'content-length': stored.length });
  if (fault !== 'torn') response.end(stored);
  else response.write(stored.subarray(0, stored.length / 2), () => void request.socket.resetAndDestroy());
}

const fail = (response: ServerResponse, status: number, code: string): void =>
  void response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>it failed</Message></Error>`);

function refusalOf(
  stored: Buffer | undefined,
  { ifMatch, ifNoneMatch }: { readonly ifMatch: string | undefined; readonly ifNoneMatch: string | undefined },
): [number, string] | undefined {
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') return [501, 'NotImplemented'];
  if (ifNoneMatch === '*' && stored !== undefined) return [412, 'PreconditionFailed'];
  if (ifMatch === undefined) return undefined;
  if (stored === undefined) return [404, 'NoSuchKey'];
  return tagOf(stored) === ifMatch ? undefined : [412, 'PreconditionFailed'];
}

/** One page (API_ListObjectsV2): names in the order of their bytes; those with the same prefix up to the delimiter count as one. */
function listing(bucket: string, objects: ReadonlyMap<string, Buffer>, query: URLSearchParams): string {
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter')];
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString('utf8');
  const nameOf = (key: string): string => {
    const end = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
    return end < 0 ? key : key.slice(0, end + 1);
  };
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  // A page that ended with a folder goes on behind it.
  const names = [...new Set(keys.map(nameOf))].filter((name) => name > after || token === null);
  const page = names.slice(0, Math.min(PAGE, Number(query.get('max-keys') ?? PAGE)));
  const isFolder = (name: string): boolean => delimiter !== null && name.endsWith(delimiter) && name !== prefix;
  const last = page.at(-1) ?? '';
  const isTruncated = names.length > page.length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    `<Name>${bucket}</Name><Prefix>${escaped(prefix)}</Prefix><KeyCount>${page.length}</KeyCount>`,
    `<IsTruncated>${isTruncated}</IsTruncated>`,
    isTruncated
      ? `<NextContinuationToken>${Buffer.from(isFolder(last) ? `${last}\uffff` : last, 'utf8').toString('base64url')}</NextContinuationToken>`
      : '',
    ...page.map((name) =>
      isFolder(name)
        ? `<CommonPrefixes><Prefix>${escaped(name)}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${escaped(name)}</Key><ETag>${tagOf(objects.get(name) as Buffer)}</ETag></Contents>`,
    ),
    '</ListBucketResult>',
  ].join('');
}
