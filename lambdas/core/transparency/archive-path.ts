import type { ArchiveObject } from './ports/archive-source';

const PREFIX = 'archive/';
const NAME = /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2})\/([0-9a-f]{64})$/;

/** One text for an archive object, `<hour>/<sha256>`: in order by hour. */
export const objectName = ({ hour, sha256 }: ArchiveObject): string => `${hour}/${sha256}`;

/** Reads what {@link objectName} writes; undefined for any other text. */
export function parseObjectName(name: string): ArchiveObject | undefined {
  const [, hour, sha256] = NAME.exec(name) ?? [];
  return hour === undefined || sha256 === undefined ? undefined : { hour, sha256 };
}

/** Where a log has the lines of an archive object: `archive/<hour>/<sha256>`. */
export const archivePath = (object: ArchiveObject): string => PREFIX + objectName(object);

/** Reads what {@link archivePath} writes; undefined for any other text. */
export const parseArchivePath = (path: string): ArchiveObject | undefined =>
  path.startsWith(PREFIX) ? parseObjectName(path.slice(PREFIX.length)) : undefined;
