import { nextAuditPage } from '../client/next-audit-page';
import type { JsonObject } from '../client/json-object';
import type { Session } from '../session';

/**
 * All events of a period as the API shows them, newest first, page by page.
 *
 * @throws CliError
 */
export async function* shownEvents(
  session: Session,
  period: { readonly from: string; readonly to: string },
): AsyncGenerator<JsonObject, void> {
  let cursor: string | undefined;
  do {
    const page = await nextAuditPage(session, { query: { ...period }, cursor });
    yield* page.events;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
