import fc from 'fast-check'
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql'

type Values = fc.Arbitrary<unknown>

/** Filters within filters. */
const DEPTH = 3

export const awkwardStrings = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '',
    '\u0000',
    '\ud800',
    '\u202e',
    '__proto__',
    'constructor',
    '😀'.repeat(500),
    'x'.repeat(20_000),
  ),
)

/** As they stand in a document; NaN and Infinity, which GraphQL reads as names, among them. */
const awkwardNumbers = fc.oneof(
  fc.constantFrom('0', '-1', '101', '2147483648', '-2147483649', '1e400', '-0.0', '1e-400', '9'.repeat(400)),
  fc.double().map(String),
)

const awkwardLiterals = fc.oneof(
  awkwardNumbers,
  awkwardStrings.map((text) => JSON.stringify(text)),
  fc.constantFrom('null', '[]', '{}', '[[[1]]]', '$missing', '"""block"""', '{ nothing: 1 }'),
)

/** Values for arguments and variables, mostly of the type that is asked for. */
export class InputValues {
  readonly #strings: fc.Arbitrary<string>
  readonly #objects = new Map<string, Values>()

  /** @param known  strings that the shop knows, as ids and names */
  constructor(known: readonly string[]) {
    const others = awkwardStrings.map((text) => text.toWellFormed())
    this.#strings = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...known) }, others)
  }

  /** As it stands in a document. */
  literal(type: GraphQLInputType): fc.Arbitrary<string> {
    return fc.oneof(
      { weight: 30, arbitrary: this.#right(type, DEPTH).map(literalOf) },
      { weight: 1, arbitrary: awkwardLiterals },
    )
  }

  /** As a variable brings it. */
  variable(type: GraphQLInputType): Values {
    return fc.oneof(
      { weight: 20, arbitrary: this.#right(type, DEPTH) },
      { weight: 2, arbitrary: fc.jsonValue() },
      { weight: 1, arbitrary: fc.constant(deepValue(type)) },
    )
  }

  #right(type: GraphQLInputType, depth: number): Values {
    if (isNonNullType(type)) return this.#right(type.ofType as GraphQLInputType, depth)
    if (isListType(type)) return fc.array(this.#right(type.ofType, depth), { maxLength: 4 })
    if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => new EnumName(name)))
    if (isInputObjectType(type)) return this.#object(type, depth)
    switch (type.name) {
      case 'Int':
        return fc.oneof(
          { weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }) },
          fc.constantFrom(0, -1, 100, 101, 2 ** 31 - 1),
        )
      case 'Float':
        return fc.oneof(
          fc.double({ min: 0, max: 2, noNaN: true }),
          fc.constantFrom(0, -1, 1e308, 1_000_000, 1_000_001),
        )
      case 'Boolean':
        return fc.boolean()
      case 'DateTime':
        return fc
          .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
          .map((date) => date.toISOString())
      default:
        return this.#strings
    }
  }

  #object(type: GraphQLInputObjectType, depth: number): Values {
    const key = `${type.name} ${depth}`
    const made = this.#objects.get(key)
    if (made !== undefined) return made
    const fields = Object.values(type.getFields()).filter(
      ({ type: held }) => depth > 1 || !holdsObjects(held),
    )
    const object = fc.record(
      Object.fromEntries(fields.map(({ name, type: held }) => [name, this.#right(held, depth - 1)])),
      {
        requiredKeys: fields.filter(({ type: held }) => isNonNullType(held)).map(({ name }) => name),
      },
    )
    this.#objects.set(key, object)
    return object
  }
}

function holdsObjects(type: GraphQLInputType): boolean {
  return isNonNullType(type) || isListType(type)
    ? holdsObjects(type.ofType as GraphQLInputType)
    : isInputObjectType(type)
}

/** A value of thousands of levels, where a type holds itself; else lists within lists. */
function deepValue(type: GraphQLInputType): unknown {
  const own = isInputObjectType(type)
    ? Object.values(type.getFields()).find((field) => field.type === type)
    : undefined
  let value: unknown = own === undefined ? [] : {}
  for (let level = 0; level < 3000; level++) value = own === undefined ? [value] : { [own.name]: value }
  return value
}

/** Bare in a document, a string in JSON. */
class EnumName {
  readonly #name: string
  constructor(name: string) {
    this.#name = name
  }
  toJSON(): string {
    return this.#name
  }
}

function literalOf(value: unknown): string {
  if (value instanceof EnumName) return value.toJSON()
  if (Array.isArray(value)) return `[${value.map(literalOf).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const fields = Object.entries(value).map(([name, held]) => `${name}: ${literalOf(held)}`)
  return `{ ${fields.join(', ')} }`
}
