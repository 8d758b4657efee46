import { DEFAULT_PAGE } from '../lambdas/core/contract/limits';
import type { ApiCall } from './client/api-call';
import type { CallCommand } from './command';
import { CliError, EXIT } from './io/cli-error';
import { ListPages } from './io/list-pages';
import { renderError } from './io/print';
import { SearchLine } from './io/search-line';
import type { ListShown } from './io/output-format';
import type { ApiClient, Screen } from './session';

/** How a list is shown. */
export interface PageSettings {
  readonly json: boolean;
  /** Whether to print all pages. */
  readonly all: boolean;
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Finds the text for an empty list. */
  readonly nothing?: CallCommand['nothing'];
}

const DEFAULT_COLUMNS = 80;

/**
 * Prints a list: everything, or the number of rows asked for. A page may be short or empty without being the last, because the service
 * bounds its work for each; this function then asks for more.
 *
 * @param first its query's `limit` is the number of rows asked for
 * @throws CliError as the client; `unexpected_reply` if the cursor repeats
 */
export async function showPages(
  client: ApiClient,
  first: ApiCall,
  shown: ListShown,
  settings: PageSettings,
): Promise<void> {
  const { json, all, stdout, stderr, nothing } = settings;
  const columns = widthOf(settings);
  const pages = new ListPages(shown, { json, ...(columns !== undefined && { columns }) });
  const tell = (note: CliError): void => void stderr.write(renderError(note, json));
  const most = all ? Infinity : Number(first.query?.['limit'] ?? DEFAULT_PAGE);
  const seen = new Set<unknown>();
  const searching = searchLine(settings);
  let rows = 0;
  let reply = await client.send(first);
  for (;;) {
    const cursor = reply['next_cursor'];
    const isLast = typeof cursor !== 'string';
    const count = pages.countOf(reply);
    rows += count;
    if (count > 0 || isLast) searching?.clear();
    stdout.write(pages.render(reply, isLast || rows >= most));
    if (isLast || rows >= most) {
      if (!isLast) tell(MORE);
      break;
    }
    // A repeated cursor would fill the output without end.
    if (seen.has(cursor)) throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the same page came twice');
    seen.add(cursor);
    searching?.note(count);
    const left = all ? first.query?.['limit'] : String(most - rows);
    reply = await client.send({
      ...first,
      query: { ...first.query, ...(left !== undefined && { limit: left }), cursor },
    });
  }
  stdout.write(pages.end());
  if (rows === 0 && shown.empty !== undefined) tell(new CliError(EXIT.ok, 'nothing', shown.empty));
  if (pages.isCut) tell(CUT);
  if (rows === 0 && nothing !== undefined)
    tell(new CliError(EXIT.ok, 'nothing', await (await nothing())(client, first)));
}

/** Where somebody looks on. */
function searchLine({ json, stderr, env }: PageSettings): SearchLine | undefined {
  return !json && stderr.isTTY === true && env['TERM'] !== 'dumb' ? new SearchLine(stderr) : undefined;
}

/** Undefined if lines are not cut. */
function widthOf({ json, stdout, env }: PageSettings): number | undefined {
  if (json || stdout.isTTY !== true) return undefined;
  // A terminal that does not know its size reports 0.
  const fromEnvironment = /^[1-9][0-9]{0,4}$/.test(env['COLUMNS'] ?? '') ? Number(env['COLUMNS']) : DEFAULT_COLUMNS;
  return stdout.columns || fromEnvironment;
}

/** Not a failure, but scripts that count lines need it. */
const MORE = new CliError(EXIT.ok, 'more', 'there may be more; --all shows everything');

const CUT = new CliError(
  EXIT.ok,
  'cut',
  'text that does not fit the terminal is cut; --json, a pipe or a file gets all of it',
);
