import { DEFAULT_PAGE } from '../../lambdas/core/contract/limits';
import { readCount } from '../option-values';
import type { ValuesOf } from '../options';

/** Options of a list. */
export const PAGING = {
  limit: {
    type: 'string',
    shown: '--limit N',
    help: 'at most this many rows; with --all, rows a request',
    otherwise: `${DEFAULT_PAGE}; with --all, as many as the service allows`,
  },
  all: { type: 'boolean', shown: '--all', help: 'all rows, page after page' },
} as const;

/** The page size for the query: with `--all`, the largest that the service allows. */
export const pageSize = ({ limit, all }: ValuesOf<typeof PAGING>, most: number): Record<string, string> => {
  if (limit !== undefined) return { limit: String(readCount('--limit', limit, { least: 1, most })) };
  return all === true ? { limit: String(most) } : {};
};
