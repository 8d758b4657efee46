import { plain } from '../io/plain-text';

/** Text of a page that is marked up. Only {@link html} makes it. */
export class Html {
  constructor(readonly markup: string) {}
}

/** In place of a value that is not there. */
const NOTHING = '–';

type Inserted = Html | readonly Html[] | string | number | null | undefined;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Makes markup of a template. What is inserted is text, whatever it is: marks of HTML are escaped, also for attributes in quotes, and
 * characters that move a cursor, change the direction of writing or cannot be seen become `?`.
 */
export const html = (texts: TemplateStringsArray, ...inserted: readonly Inserted[]): Html =>
  new Html(texts.map((text, index) => (index === 0 ? text : `${markupOf(inserted[index - 1])}${text}`)).join(''));

function markupOf(value: Inserted): string {
  if (value instanceof Html) return value.markup;
  if (Array.isArray(value)) return (value as readonly Html[]).map(({ markup }) => markup).join('');
  if (value === null || value === undefined) return NOTHING;
  if (typeof value === 'number') return value.toLocaleString('en');
  return plain(value).replaceAll(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '');
}
