import fc from 'fast-check'
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isRequiredArgument,
  isUnionType,
} from 'graphql'
import type { InputValues } from './input-values.ts'

type Text = fc.Arbitrary<string>

/** What a fragment on a type is called. */
export const nameOfFragment = (type: string): string => `Any${type}`

/** A variable's name says its type: `Int_nn` is an Int!, `list_ID_nn_end` an [ID!]. */
export const nameOfVariable = (type: GraphQLInputType): string =>
  String(type).replaceAll('!', '_nn').replaceAll('[', 'list_').replaceAll(']', '_end')

export const typeOfVariable = (name: string): string =>
  name.replaceAll('_nn', '!').replaceAll('list_', '[').replaceAll('_end', ']')

/** Nearly always the first: one wrong thing makes a whole operation wrong. */
const mostly = (right: Text, wrong: Text): Text =>
  fc.oneof({ weight: 100, arbitrary: right }, { weight: 1, arbitrary: wrong })

/** Selections as text: whatever the schema has, and now and then what it has not. */
export class OperationText {
  readonly #schema: GraphQLSchema
  readonly #values: InputValues
  readonly #sets = new Map<string, Text>()

  constructor(schema: GraphQLSchema, values: InputValues) {
    this.#schema = schema
    this.#values = values
  }

  /** @param depth  fields within fields at most */
  selections(type: GraphQLCompositeType, depth: number): Text {
    const key = `${type.name} ${depth}`
    const made = this.#sets.get(key)
    if (made !== undefined) return made
    const set = fc
      // A field that is asked for twice with other arguments makes the whole operation wrong.
      .uniqueArray(this.#selection(type, depth), {
        minLength: 1,
        maxLength: 3,
        size: 'max',
        selector: firstWord,
      })
      .map((lines) => `{ ${lines.join(' ')} }`)
    this.#sets.set(key, set)
    return set
  }

  #selection(type: GraphQLCompositeType, depth: number): Text {
    const fields = isUnionType(type) ? [] : Object.values(type.getFields())
    const possible = depth > 1 ? fields : fields.filter((field) => isLeafType(getNamedType(field.type)))
    const others = fc.constantFrom('__typename', 'nothingOfTheKind', '__schema { types { name } }')
    return fc.oneof(
      { weight: 1, arbitrary: mostly(fc.constant('__typename'), others) },
      ...possible.map((field) => ({ weight: 2, arbitrary: this.#field(field, depth) })),
      ...(depth > 1 ? [{ weight: isUnionType(type) ? 10 : 2, arbitrary: this.#fragment(type, depth) }] : []),
    )
  }

  #fragment(type: GraphQLCompositeType, depth: number): Text {
    const possible = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type]
    const directives = fc.oneof(
      { weight: 20, arbitrary: directive },
      {
        weight: 1,
        arbitrary: fc.constantFrom(' @defer', ' @defer(label: "later")', ' @ defer', ' @ # later\n,defer'),
      },
    )
    const times = fc.constantFrom(1, 1, 1, 2, 9)
    const inline = possible.map((one) =>
      fc
        .tuple(directives, this.selections(one, depth - 1), times)
        .map(([at, set, many]) => repeated(`... on ${one.name}${at} ${set} `, at, many)),
    )
    const spreads = possible.map(({ name }) =>
      fc.tuple(directives, times).map(([at, many]) => repeated(`...${nameOfFragment(name)}${at} `, at, many)),
    )
    return fc.oneof(
      { weight: 4, arbitrary: fc.oneof(...inline) },
      { weight: 1, arbitrary: fc.oneof(...spreads) },
    )
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): Text {
    const type = getNamedType(field.type)
    const set = isCompositeType(type) ? this.selections(type, depth - 1) : fc.constant('')
    const alias = fc.nat(9).map((n) => `a${n}: `)
    return fc
      .tuple(mostly(fc.constant(''), alias), this.#arguments(field.args), directive, set)
      .map(([as, args, at, selections]) => `${as}${field.name}${args}${at} ${selections}`)
  }

  #arguments(args: readonly GraphQLArgument[]): Text {
    if (args.length === 0) return mostly(fc.constant(''), fc.constant('(nothing: 1)'))
    const each = args.map((arg) => {
      const variable = fc.constant(`$${nameOfVariable(arg.type)}`)
      const value = fc.oneof({ weight: 6, arbitrary: this.#values.literal(arg.type) }, variable)
      const given = value.map((text) => `${arg.name}: ${text}`)
      return fc.oneof(
        { weight: isRequiredArgument(arg) ? 200 : 1, arbitrary: given },
        { weight: 4, arbitrary: fc.constant('') },
      )
    })
    return fc.tuple(...each).map((parts) => {
      const given = parts.filter((part) => part !== '')
      return given.length === 0 ? '' : `(${given.join(', ')})`
    })
  }
}

/** What is deferred is worked out as often as it is asked for. */
const repeated = (fragment: string, directives: string, times: number) =>
  directives.includes('defer') ? fragment.repeat(times) : fragment

const firstWord = (text: string) => /^\w+/.exec(text)?.[0] ?? text

const directive = mostly(
  fc.constant(''),
  fc
    .tuple(
      fc.constantFrom('skip', 'include', 'include', 'defer', 'stream', 'unknown'),
      fc.constantFrom('true', 'true', 'false', 'null', '$Boolean_nn', '"true"'),
    )
    .map(([name, value]) => ` @${name}(if: ${value})`),
)
