/**
 * A system cannot learn from this data, and the message says why: what is missing or too much, where, and what would
 * help. The report then says "not run" and the message, and goes on with the other systems.
 */
export class UnsuitableDataError extends Error {
  override readonly name = 'UnsuitableDataError'
}
