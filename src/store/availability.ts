/** Whether and when a product may be shown. */
export interface ProductAvailability {
  /** Left out of every list, for every caller. */
  readonly hidden: boolean
  readonly inStock: boolean
  /** The start, in ms since 1970 UTC, inclusive; null: no start. */
  readonly validFrom: number | null
  /** The end, in ms since 1970 UTC, exclusive; null: no end. */
  readonly validUntil: number | null
}

/** The availability of a product for which none was set. */
export const AVAILABLE: ProductAvailability = Object.freeze({
  hidden: false,
  inStock: true,
  validFrom: null,
  validUntil: null,
})

/** The latest time that a Date can hold, in ms since 1970; its negative is the earliest. */
const LATEST_DATE = 8.64e15

/** Availability by the shop's own ids, so that it survives a retrain. */
export interface Availability {
  /** A whole number that rises with every change, by any process. */
  readonly version: number
  /** The availability of a product; AVAILABLE if none was set. */
  get(sku: string): ProductAvailability
  /** Every product whose availability was ever set, in no order. */
  entries(): Iterable<readonly [sku: string, availability: ProductAvailability]>
}

/** A change for one product. Fields left out, or undefined, stay as they are. */
export type AvailabilityChange = { readonly sku: string } & {
  readonly [Field in keyof ProductAvailability]?: ProductAvailability[Field] | undefined
}

/** Availability that can be changed. */
export interface AvailabilityRegister extends Availability {
  /**
   * Makes all of the changes or none; changes to the same product are made in their order. When this resolves they are on
   * the disk, and the next read sees them; in other processes within a second. It does not check whether the products
   * exist.
   * @param by  who makes the changes, for the audit log
   * @throws {AvailabilityError} for a period that ends before it begins, or a time that is not a whole number of ms
   * @throws {StoreError} if they could not be written: nothing is changed
   */
  set(changes: readonly AvailabilityChange[], by?: string): Promise<void>
  /** Reads now what other processes have changed, which is done every half second anyway. @throws {Error} if it fails */
  refresh(): Promise<void>
  /** Closes the store. */
  close(): Promise<void>
}

/** A change with an invalid value; the first one if there are several. */
export class AvailabilityError extends Error {
  override readonly name = 'AvailabilityError'
  readonly sku: string
  /** The index of the change and the name of the field. */
  readonly path: readonly string[]

  constructor(sku: string, path: readonly string[], problem: string) {
    super(`The availability of product ${sku} cannot be set: ${problem}.`)
    this.sku = sku
    this.path = path
  }
}

/**
 * The availability of a product after a change.
 * @param place  the index of the change, for the error
 * @throws {AvailabilityError}
 */
function changed(
  before: ProductAvailability,
  change: AvailabilityChange,
  place: number,
): ProductAvailability {
  const { sku, hidden = before.hidden, inStock = before.inStock } = change
  const { validFrom = before.validFrom, validUntil = before.validUntil } = change
  const refuse = (field: string, problem: string) => {
    throw new AvailabilityError(sku, [String(place), field], problem)
  }
  for (const [field, time] of Object.entries({ validFrom, validUntil })) {
    if (time === null || (Number.isInteger(time) && Math.abs(time) <= LATEST_DATE)) continue
    refuse(
      field,
      `"${field}" must be a whole number of ms since 1970 that a date can have, or null, not ${time}`,
    )
  }
  if (validFrom !== null && validUntil !== null && validFrom > validUntil) {
    const [from, until] = [validFrom, validUntil].map((time) => new Date(time).toISOString())
    const field = change.validUntil == null ? 'validFrom' : 'validUntil'
    refuse(
      field,
      `its time would begin (${from}) after it ends (${until}); set "validFrom" and "validUntil" together`,
    )
  }
  return { hidden, inStock, validFrom, validUntil }
}

/**
 * The availability of the changed products after all changes.
 * @throws {AvailabilityError} for the first invalid change
 */
export function outcomeOf(
  changes: readonly AvailabilityChange[],
  known: ReadonlyMap<string, ProductAvailability>,
): Map<string, ProductAvailability> {
  const outcome = new Map<string, ProductAvailability>()
  for (const [place, change] of changes.entries()) {
    const before = outcome.get(change.sku) ?? known.get(change.sku) ?? AVAILABLE
    outcome.set(change.sku, changed(before, change, place))
  }
  return outcome
}

/** A register without a file: everything is available at first, and changes are lost when the program ends. */
export function availabilityInMemory(): AvailabilityRegister {
  const known = new Map<string, ProductAvailability>()
  let version = 0
  return {
    get version() {
      return version
    },
    get: (sku) => known.get(sku) ?? AVAILABLE,
    entries: () => known,
    async set(changes) {
      for (const [sku, after] of outcomeOf(changes, known)) known.set(sku, after)
      if (changes.length > 0) version++
    },
    async refresh() {},
    async close() {},
  }
}
