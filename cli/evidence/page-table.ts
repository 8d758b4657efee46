import { html, type Html } from './html';

/** A column of a table on the page. */
export interface PageColumn<R> {
  readonly heading: string;
  readonly cell: (row: R) => Html | string | number | null | undefined;
  /** How the cells are set; left out: a text that is short; `long`: one that breaks anywhere. */
  readonly set?: 'number' | 'nowrap' | 'long' | 'principal';
}

/** A table, or a sentence where it would be empty. */
export function pageTable<R>(rows: readonly R[], columns: readonly PageColumn<R>[], nothing: string): Html {
  if (rows.length === 0) return html`<p class="note">${nothing}</p>`;
  return html`<table>
    <thead>
      <tr>
        ${columns.map(({ heading, set }) => html`<th scope="col" class="${set === 'number' ? 'number' : 'text'}">${heading}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${columns.map(({ cell, set }) => html`<td class="${set ?? 'text'}">${cell(row)}</td>`)}
          </tr> `,
      )}
    </tbody>
  </table>`;
}
