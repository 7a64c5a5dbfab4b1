import { DataError } from './data-error.ts'
import { isBlank, decimalOf, parseInstant, parseTimestamp } from './fields.ts'
import {
  dayOf,
  EARLIEST_TIME,
  GRACE,
  LEAST_MEASURE,
  LEAST_PRICE,
  LEAST_QUANTITY,
  MOST_MEASURE,
  MOST_PRICE,
  MOST_QUANTITY,
} from './ranges.ts'
import type { Table } from './table.ts'

/** The row being read. Each table has one that moves from row to row: do not keep references to it. */
export class Row<Name extends string = string> {
  readonly #table: Table<Name>
  readonly #now: number
  #fields: readonly string[] = []
  #line = 0
  #nextLine = 1

  /** @param now  the present, in ms since 1970: times that lie more than a day later are wrong */
  constructor(table: Table<Name>, now: number) {
    this.#table = table
    this.#now = now
  }

  get fields(): readonly string[] {
    return this.#fields
  }

  /** The line on which it begins, as an editor counts them, from 1; of Parquet the number of the row. */
  get line(): number {
    return this.#line
  }

  /** The line on which the next one begins. */
  get nextLine(): number {
    return this.#nextLine
  }

  /** Moves on to the next record of the file, the header being the first. */
  advance(fields: readonly string[]): void {
    this.#fields = fields
    this.#line = this.#nextLine
    this.#nextLine++
    if (this.#table.parts) return
    // csv-parse's own count takes the CRLF within quotes for two lines.
    for (const field of fields) if (field.includes('\n')) this.#nextLine += field.split('\n').length - 1
  }

  /** Whether it is neither the header nor a blank line. */
  get isContent(): boolean {
    return this.#line > 1 && (this.#fields.length > 1 || this.#fields[0] !== '')
  }

  /** @throws {DataError} unless it has as many fields as the header */
  checkLength(): void {
    const expected = this.#table.header.length
    const found = this.#fields.length
    if (found === expected) return
    const problem = `the row has ${found} instead of ${expected} fields: is a quote or a comma missing?`
    throw this.badAt(undefined, problem)
  }

  /**
   * The field unchanged; '' where the file has no such column.
   * @throws {DataError} where it is not UTF-8
   */
  text(name: Name): string {
    const position = this.#table.positions.get(name)
    return position === undefined ? '' : this.textAt(position)
  }

  /** Like `text`, by position in the header. */
  textAt(position: number): string {
    const text = this.#fields[position]
    // What csv-parse, like every decoder, puts for bytes that are not UTF-8.
    if (text.includes('\uFFFD')) {
      throw this.badAt(position, 'is not UTF-8: save the file in that encoding')
    }
    return text
  }

  /** @throws {DataError} where it is blank */
  id(name: Name): string {
    const text = this.text(name)
    if (isBlank(text)) throw this.bad(name, 'is blank: every row needs one')
    return text
  }

  /**
   * A number, NaN where it is blank, Infinity where it is beyond all numbers.
   * @throws {DataError} where it is anything else
   */
  number(name: Name): number {
    const text = this.text(name)
    const value = decimalOf(text)
    if (Number.isNaN(value) && !isBlank(text)) {
      throw this.bad(name, 'is not a number: write it like 1234.56, or leave the field empty')
    }
    return value
  }

  /** Like `number`: 0, or from `LEAST_MEASURE` to `MOST_MEASURE`. */
  measure(name: Name): number {
    return this.#amount(name, LEAST_MEASURE, MOST_MEASURE)
  }

  /** Like `number`: 0, or from `LEAST_PRICE` to `MOST_PRICE`. */
  price(name: Name): number {
    return this.#amount(name, LEAST_PRICE, MOST_PRICE)
  }

  /** Like `number`: from `LEAST_QUANTITY` to `MOST_QUANTITY`, below 0 if units were returned. */
  quantity(name: Name): number {
    const value = this.number(name)
    if (value === 0) throw this.bad(name, 'is 0: nothing was bought, remove this row')
    this.#checkSize(name, value, LEAST_QUANTITY, MOST_QUANTITY)
    return value
  }

  /** A number that is never below 0. */
  #amount(name: Name, least: number, most: number): number {
    const value = this.number(name)
    if (value < 0) throw this.bad(name, 'is negative: it must be 0 or more')
    this.#checkSize(name, value, least, most)
    return value
  }

  /**
   * The text of a column that may hold numbers or anything else, by position in the header.
   * @throws {DataError} where it is a number out of the range of `measure`; below 0 is as good as above
   */
  checkMeasureAt(position: number): void {
    const size = Math.abs(decimalOf(this.#fields[position]))
    if (size > MOST_MEASURE || (size > 0 && size < LEAST_MEASURE)) {
      throw this.badAt(
        position,
        `is out of range: write a number between ${LEAST_MEASURE} and ${MOST_MEASURE}`,
      )
    }
  }

  #checkSize(name: Name, value: number, least: number, most: number): void {
    const size = Math.abs(value)
    if (size > most) throw this.bad(name, `is too large: it must be at most ${most}`)
    if (size > 0 && size < least) throw this.bad(name, `is too small: it must be at least ${least}`)
  }

  /**
   * Milliseconds since 1970, of an ISO date and time; NaN where it is blank.
   * @param ahead  how far in the future it may lie, in ms: what is promised does
   * @throws {DataError} where it is no time, or none that can be: `EARLIEST_TIME`, and the present
   */
  timestamp(name: Name, ahead = 0): number {
    const value = parseTimestamp(this.text(name))
    if (value === undefined) {
      throw this.bad(name, 'is not a date: write it like 2018-02-28 23:59:59, or leave the field empty')
    }
    this.#checkTime(name, value, ahead)
    return value
  }

  /** Like `timestamp`, but also takes seconds and milliseconds since 1970. */
  instant(name: Name): number {
    const value = parseInstant(this.text(name))
    if (value === undefined) {
      throw this.bad(
        name,
        'is not a time: write it like 2018-02-28 23:59:59 or 2018-02-28T23:59:59Z, as seconds or milliseconds ' +
          'since 1970, or leave the field empty',
      )
    }
    this.#checkTime(name, value)
    return value
  }

  #checkTime(name: Name, value: number, ahead = 0): void {
    if (value < EARLIEST_TIME) {
      const problem = `is before ${dayOf(EARLIEST_TIME)}: leave the field empty where the time is unknown`
      throw this.bad(name, problem)
    }
    if (value > this.#now + GRACE + ahead) {
      throw this.bad(
        name,
        `is later than ${dayOf(this.#now)}: correct it, or leave the field empty; if the data is of ` +
          'another time, say which with --now (in programs the option `now`)',
      )
    }
  }

  /** Index of the id that the field names in `ids`. @param what  'an order of orders.csv' */
  reference(name: Name, ids: { indexOf(id: string): number }, what: string): number {
    const index = ids.indexOf(this.id(name))
    if (index < 0) throw this.bad(name, `is not ${what}: add it there, or remove this row`)
    return index
  }

  /** The error that the field `name` is wrong, to be thrown. */
  bad(name: Name, problem: string): DataError {
    return this.badAt(this.#table.positions.get(name), problem)
  }

  badAt(position: number | undefined, problem: string): DataError {
    const { path: file, header, parts } = this.#table
    const place = position === undefined ? {} : { column: header[position], value: this.#fields[position] }
    return new DataError(problem, { file, [parts ? 'row' : 'line']: this.#line, ...place })
  }
}
