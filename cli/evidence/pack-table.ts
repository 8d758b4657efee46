import { csvLine } from '../export/csv-line';
import { toJson } from '../io/plain-text';
import type { JsonObject } from '../client/json-object';
import type { PackDirectory } from './pack-directory';
import type { PackFile } from './pack-file';

/** A table of the pack in two files: CSV with a heading, and JSON lines with the same members. Rows are written as they come. */
export class PackTable {
  /** The number of rows so far. */
  rows = 0;

  private constructor(
    private readonly pack: PackDirectory,
    private readonly columns: readonly string[],
    private readonly files: { readonly csv: PackFile; readonly lines: PackFile },
  ) {}

  /** Creates `<name>.csv` and `<name>.jsonl`. */
  static async create(pack: PackDirectory, name: string, columns: readonly string[]): Promise<PackTable> {
    const files = { csv: await pack.create(`${name}.csv`), lines: await pack.create(`${name}.jsonl`) };
    await pack.append(files.csv, csvLine(columns));
    return new PackTable(pack, columns, files);
  }

  /** Appends a row; a member that is missing is empty in CSV and null in JSON. */
  async add(row: JsonObject): Promise<void> {
    const values = this.columns.map((name) => row[name] ?? null);
    await this.pack.append(this.files.csv, csvLine(values));
    const entries = this.columns.map((name, index) => [name, values[index]] as const);
    await this.pack.append(this.files.lines, `${toJson(Object.fromEntries(entries))}\n`);
    this.rows += 1;
  }
}
