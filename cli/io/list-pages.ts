import { cutToWidth, displayWidth, padEnd } from './display-width';
import { fitColumns, GAP, type Column } from './fit-columns';
import { plain, toJson } from './plain-text';
import type { ListShown } from './output-format';
import type { JsonObject } from '../client/json-object';

export interface ListSettings {
  readonly json: boolean;
  /** The terminal's width; absent for a pipe or file, whose lines are not cut. */
  readonly columns?: number;
}

const DAMAGED = '(damaged)';

/** The text of a list: one heading, a line for each row, and columns that keep their places on every page. */
export class ListPages {
  /** Whether something did not fit and is not shown. */
  isCut = false;
  /** Widths of the columns; 0 for an omitted one. */
  private widths: readonly number[] | undefined;

  constructor(
    private readonly shown: ListShown,
    private readonly settings: ListSettings,
  ) {}

  /** The number of rows of a page, including rows that cannot be shown. */
  countOf(reply: JsonObject): number {
    return this.rowsOf(reply).length;
  }

  /**
   * A page. Without rows it is empty: the heading waits for the first rows.
   *
   * @param isLast whether no other page follows
   */
  render(reply: JsonObject, isLast: boolean): string {
    const rows = this.rowsOf(reply);
    if (this.settings.json) return rows.map((row) => `${toJson(row)}\n`).join('');
    return rows.length === 0 ? '' : this.table(rows, isLast);
  }

  /** The rest after all pages: the heading of an empty list. */
  end(): string {
    return this.settings.json || this.widths !== undefined ? '' : this.table([], true);
  }

  private table(rows: readonly JsonObject[], isLast: boolean): string {
    const cells = rows.map((row) => this.cellsOf(row));
    const lines = this.widths === undefined ? [this.shown.columns.map(headingOf), ...cells] : cells;
    this.widths ??= this.widthsFor(lines, isLast);
    const { widths } = this;
    const isTooWide = (cell: string, column: number): boolean => displayWidth(cell) > (widths[column] ?? 0);
    if (this.settings.columns !== undefined && cells.some((line) => line.some(isTooWide))) this.isCut = true;
    return lines.map((line) => `${this.lineOf(line, widths)}\n`).join('');
  }

  private rowsOf(reply: JsonObject): readonly JsonObject[] {
    const { member, columns } = this.shown;
    const [{ name } = { name: '' }] = columns;
    const damaged = listOf(reply['damaged']).map((each) => ({ [name]: each, damaged: true }));
    return [...(listOf(reply[member]) as JsonObject[]), ...damaged];
  }

  private cellsOf(given: JsonObject): string[] {
    const row = this.shown.inTable?.(given) ?? given;
    const isOnTerminal = this.settings.columns !== undefined;
    return this.shown.columns.map(({ name, rank, ...ordered }) => {
      const value = isOnTerminal ? flat(row[name], ordered) : row[name];
      if (rank !== 1 || row['damaged'] !== true) return plain(value);
      return value === undefined || value === null ? DAMAGED : `${DAMAGED} ${plain(value)}`;
    });
  }

  private widthsFor(lines: readonly (readonly string[])[], isLast: boolean): readonly number[] {
    const { columns } = this.shown;
    const room = this.settings.columns;
    const [heading = [], ...rows] = lines;
    const cells = columns.map(({ usual = 0 }, index) =>
      Math.max(isLast ? 0 : usual, ...rows.map((line) => displayWidth(line[index] ?? ''))),
    );
    const wanted = cells.map((width, index) => Math.max(width, displayWidth(heading[index] ?? '')));
    if (room === undefined) return wanted;
    const grown = isLast ? wanted : withWhatIsLeft(columns, wanted, room);
    return fitColumns(columns, { cells, wanted: grown }, room);
  }

  private lineOf(cells: readonly string[], widths: readonly number[]): string {
    const { columns } = this.settings;
    const shown = this.shown.columns.flatMap((column, index) => {
      const width = widths[index] ?? 0;
      const cell = cells[index] ?? '';
      if (columns === undefined) return [padEnd(cell, width)];
      return width === 0 ? [] : [padEnd(cutToWidth(cell, width, column.keeps), width)];
    });
    return shown.join(GAP).trimEnd();
  }
}

/** Later cells may be longer: growing columns share the remaining room. */
function withWhatIsLeft(columns: readonly Column[], wanted: readonly number[], room: number): number[] {
  const used = wanted.reduce((sum, width) => sum + width, GAP.length * (wanted.length - 1));
  const growing = columns.filter(({ grows }) => grows).length;
  const share = Math.floor(Math.max(0, room - used) / growing);
  return wanted.map((width, index) => width + (columns[index]?.grows ? share : 0));
}

const headingOf = ({ name }: Column): string => name.toUpperCase();

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** An object in its most readable form. */
function flat(value: unknown, { leads = [], follows = [] }: Pick<Column, 'leads' | 'follows'>): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value);
  const named = (names: readonly string[]) => names.flatMap((each) => members.filter(([name]) => name === each));
  const rest = members.filter(([name]) => !leads.includes(name) && !follows.includes(name));
  return [
    ...named(leads).map(([, member]) => textOf(member)),
    ...[...named(follows), ...rest].map(([name, member]) => `${name}=${textOf(member)}`),
  ].join(' ');
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : toJson(value));
