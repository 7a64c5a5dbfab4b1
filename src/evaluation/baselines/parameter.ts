/**
 * What every parameter of a baseline is checked by.
 * @param rule  worded so that "<name> must be <rule>" is the error
 * @throws {RangeError} unless `isValid`
 */
export function checkParameter(name: string, value: number, isValid: boolean, rule: string): void {
  if (!isValid) throw new RangeError(`${name} must be ${rule}, not ${value}`)
}

/** @throws {RangeError} unless the value is a number above 0; Infinity is one */
export function checkPositive(name: string, value: number): void {
  checkParameter(name, value, value > 0, 'a number above 0')
}
