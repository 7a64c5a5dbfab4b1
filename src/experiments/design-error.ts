/** An experiment that cannot be designed: the message names what is at fault, its value and what to do. */
export class DesignError extends Error {
  override readonly name = 'DesignError'
}
