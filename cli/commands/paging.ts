import type { ValuesOf } from '../options';

/** Options of a list. */
export const PAGING = {
  limit: { type: 'string', shown: '--limit N', help: 'how many at most; with --all, how many a request' },
  all: { type: 'boolean', shown: '--all', help: 'everything, page after page' },
} as const;

/** The size of a page, as the query takes it: with `--all` pages are as large as the service allows. */
export const pageSize = ({ limit, all }: ValuesOf<typeof PAGING>, most: number): Record<string, string> => {
  const size = limit ?? (all === true ? String(most) : undefined);
  return size === undefined ? {} : { limit: size };
};
