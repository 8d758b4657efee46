const HOUR_LENGTH = '2026-11-27T14'.length;

/** The hour of a time in milliseconds since 1970, as the archive's objects are named by it: `2026-11-27T14`, in UTC. */
export const archiveHour = (time: number): string => new Date(time).toISOString().slice(0, HOUR_LENGTH);
