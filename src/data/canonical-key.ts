/**
 * A text that identifies a value: two values have the same text if and only if they are equal. JSON is no such text: it
 * writes null for NaN and for Infinity, leaves out what is undefined, and makes a string of a Date.
 * @param value  of numbers, strings, booleans, null, undefined, bigints, Dates, arrays and plain objects, whose fields
 *   count in any order; −0 is not 0, what is undefined is not what is missing, and a hole in an array is neither
 * @param textOf  what is written for a string; left out: the string itself
 * @throws {TypeError} on anything else, which could say more than its fields show
 */
export function canonicalKey(value: unknown, textOf: (text: string) => string = quoted): string {
  switch (typeof value) {
    case 'string':
      return textOf(value)
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'bigint':
      return `${value}n`
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'object':
      return value === null ? 'null' : keyOfObject(value, textOf)
    default:
      throw new TypeError(`A ${typeof value} has no canonical key.`)
  }
}

/**
 * A quoted string: its end is unambiguous, even with lone surrogates, which are escaped (ECMA-262, QuoteJSONString).
 */
const quoted = (text: string): string => JSON.stringify(text)

function keyOfObject(value: object, textOf: (text: string) => string): string {
  if (Array.isArray(value)) {
    let key = '['
    // A comma behind each entry: so an array of one hole is not the empty array.
    for (let i = 0; i < value.length; i++) key += i in value ? `${canonicalKey(value[i], textOf)},` : ','
    return `${key}]`
  }
  if (value instanceof Date) return `@${value.getTime()}`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) {
    throw new TypeError(`A ${value.constructor?.name ?? 'value of a class'} has no canonical key.`)
  }
  let key = '{'
  for (const name of Object.keys(value).sort()) {
    key += `${quoted(name)}:${canonicalKey((value as Record<string, unknown>)[name], textOf)},`
  }
  return `${key}}`
}
