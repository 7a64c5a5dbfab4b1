/** What one system measured, case by case; and the same gathered by user, as the bootstrap draws them. */

/** The values of every measure for every case of one system. */
export interface CaseTable {
  /** `ndcg@10` and the like. */
  readonly measures: readonly string[]
  /** Cases × measures, row-major; NaN where a measure is not defined for the case. */
  readonly values: Float64Array
}

/** Which user each case belongs to. */
export interface Users {
  readonly count: number
  /** Per case, below `count`. */
  readonly of: Uint32Array
}

/**
 * Sums that means are quotients of: they add up over users however often each is drawn. Columns × users in compressed
 * rows, since most users have found nothing: column c's entries are indptr[c] … indptr[c + 1] − 1. The columns are the
 * measures, then the numbers of cases to divide by.
 */
export interface UserSums {
  readonly indptr: Uint32Array
  readonly user: Uint32Array
  readonly value: Float64Array
  /** Per measure, the column that it is divided by: measures that are defined for every case share one. */
  readonly denominator: readonly number[]
}

/**
 * @param measures  the ones wanted, by name
 * @param users  one for each case of the table
 * @throws {RangeError} when the table has no such measure
 */
export function sumByUser(
  { measures: known, values }: CaseTable,
  measures: readonly string[],
  users: Users,
): UserSums {
  const from = measures.map((name) => columnOf(known, name))
  const partial = from.map((c) => isPartial(values, known.length, c))
  const denominator = denominators(partial)
  const sums = new Float64Array((Math.max(...denominator) + 1) * users.count)
  const add = (column: number, user: number, value: number) => {
    sums[column * users.count + user] += value
  }
  users.of.forEach((user, row) => {
    // Measures that are never undefined: one denominator, the number of cases.
    add(measures.length, user, 1)
    from.forEach((c, m) => {
      const value = values[row * known.length + c]
      if (Number.isNaN(value)) return
      add(m, user, value)
      if (partial[m]) add(denominator[m], user, 1)
    })
  })
  return { ...compressed(sums, users.count), denominator }
}

function compressed(sums: Float64Array, users: number): Omit<UserSums, 'denominator'> {
  const columns = sums.length / users
  const places = Uint32Array.from(sums.keys()).filter((at) => sums[at] !== 0)
  const indptr = new Uint32Array(columns + 1)
  for (const at of places) indptr[Math.floor(at / users) + 1]++
  for (let c = 0; c < columns; c++) indptr[c + 1] += indptr[c]
  return { indptr, user: places.map((at) => at % users), value: Float64Array.from(places, (at) => sums[at]) }
}

/** The first column behind the measures counts all cases; each measure with gaps has one of its own behind that. */
function denominators(partial: readonly boolean[]): number[] {
  let last = partial.length
  return partial.map((gaps) => (gaps ? ++last : partial.length))
}

/**
 * Where a measure stands in a table.
 * @throws {RangeError} when the table has no such measure
 */
export function columnOf(known: readonly string[], name: string): number {
  const at = known.indexOf(name)
  if (at < 0) throw new RangeError(`there is no measure ${name}; there is ${known.join(', ')}`)
  return at
}

function isPartial(values: Float64Array, columns: number, c: number): boolean {
  for (let at = c; at < values.length; at += columns) if (Number.isNaN(values[at])) return true
  return false
}

/** Some of a table's cases, by number. */
export function casesOf({ measures, values }: CaseTable, cases: Uint32Array): CaseTable {
  const width = measures.length
  const rows = new Float64Array(cases.length * width)
  cases.forEach((from, to) => rows.set(values.subarray(from * width, (from + 1) * width), to * width))
  return { measures, values: rows }
}

/** The users of some cases, by number, numbered anew. */
export function usersOf({ of }: Users, cases: Uint32Array): Users {
  return numberUsers(Array.from(cases, (i) => of[i]))
}

/** Gives each different key the next number. @param keys  one for each case */
export function numberUsers(keys: readonly unknown[]): Users {
  const numbers = new Map<unknown, number>()
  const of = Uint32Array.from(keys, (key) => {
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    return number
  })
  return { count: numbers.size, of }
}
