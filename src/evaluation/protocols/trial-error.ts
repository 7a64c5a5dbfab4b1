/** A split that the data does not allow, or that leaves nobody to test. The message says what to do. */
export class TrialError extends Error {
  override readonly name = 'TrialError'
}
