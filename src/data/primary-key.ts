import { Column } from './column.ts'
import { IdTableBuilder } from './ids.ts'
import type { Row } from './row.ts'

/** Ids that may occur only once in a file, and the line of each. */
export class PrimaryKey {
  readonly ids = new IdTableBuilder()
  readonly #lines = new Column(Uint32Array)

  /**
   * The index of the row's new id.
   * @param id  what must not repeat, where it is not the column alone
   * @throws {DataError} that names the line of the first, where there has been one
   */
  add<Name extends string>(row: Row<Name>, column: Name, id = row.id(column)): number {
    const before = this.ids.size
    const index = this.ids.add(id)
    if (index < before) {
      throw row.bad(column, `repeats line ${this.#lines.values[index]}: remove one of the two`)
    }
    this.#lines.push(row.line)
    return index
  }
}
