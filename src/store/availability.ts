/** Whether and when a product may be shown. */
export interface ProductAvailability {
  /** In no list, whoever asks. */
  readonly hidden: boolean
  readonly inStock: boolean
  /** In ms since 1970 UTC, inclusive; null always. */
  readonly validFrom: number | null
  /** In ms since 1970 UTC, exclusive; null for ever. */
  readonly validUntil: number | null
}

/** What holds of a product of which nothing was said. */
export const AVAILABLE: ProductAvailability = Object.freeze({
  hidden: false,
  inStock: true,
  validFrom: null,
  validUntil: null,
})

/** In ms since 1970; a Date can be no later, nor further before 1970. */
const LATEST_DATE = 8.64e15

/** What is known of availability, by the shop's own ids, so that it survives a retrain. */
export interface Availability {
  /** A whole number that rises whenever anything changes, also where another process changed it. */
  readonly version: number
  /** AVAILABLE where nothing was said. */
  get(sku: string): ProductAvailability
  /** Every product of which anything was ever said, in no order. */
  entries(): Iterable<readonly [sku: string, availability: ProductAvailability]>
}

/** What is said of one product; what is left out, or undefined, stays as it is. */
export type AvailabilityChange = { readonly sku: string } & {
  readonly [Field in keyof ProductAvailability]?: ProductAvailability[Field] | undefined
}

/** Availability that can be changed. */
export interface AvailabilityRegister extends Availability {
  /**
   * Makes all of the changes or none; where a product stands twice the later change builds on the former. Once this
   * returns they are kept, and count for the next read. Whether there is such a product is the caller's business.
   * @param by  who changes it, for the audit log
   * @throws {AvailabilityError} for a period that ends before it begins, or a time that is no whole number of ms
   * @throws {StoreError} where they could not be kept: nothing is changed
   */
  set(changes: readonly AvailabilityChange[], by?: string): void
  /** Closes the file. */
  close(): void
}

/** A store that cannot keep what it should; nothing is changed in it. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  /** Whether it may only be read. */
  readonly isReadOnly: boolean

  constructor(message: string, cause: unknown) {
    super(message, { cause })
    // SQLITE_READONLY, whatever kind of it.
    this.isReadOnly = (Number((cause as { errcode?: number }).errcode) & 0xff) === 8
  }
}

/** A change that makes no sense. Of all of them the first. */
export class AvailabilityError extends Error {
  override readonly name = 'AvailabilityError'
  readonly sku: string
  /** Where among the changes: the place of the change, the name of the field. */
  readonly path: readonly string[]

  constructor(sku: string, path: readonly string[], problem: string) {
    super(`The availability of product ${sku} cannot be set: ${problem}.`)
    this.sku = sku
    this.path = path
  }
}

/**
 * What holds of a product once a change is made.
 * @param place  of the change among all of them, for the error
 * @throws {AvailabilityError}
 */
export function changed(
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
