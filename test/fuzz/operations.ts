import fc from 'fast-check'
import {
  GraphQLBoolean,
  type GraphQLCompositeType,
  type GraphQLInputType,
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLSchema,
  isCompositeType,
  isUnionType,
} from 'graphql'
import { InputValues } from './input-values.ts'
import { nameOfFragment, nameOfVariable, OperationText, typeOfVariable } from './operation-text.ts'

/** What a client asks. */
export interface Operation {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** Fields within fields: some more than servers allow, and often fewer, since what is wide and deep is too long. */
const DEPTHS = [5, 7, 12]

/**
 * Random operations, made by walking a schema: right ones mostly, with every kind of wrong argument, variable, fragment
 * and directive among them. They are made as text, so that what is not GraphQL can be made as well.
 * @param known  strings that the shop knows, as ids and names
 */
export function operations(schema: GraphQLSchema, known: readonly string[]): fc.Arbitrary<Operation> {
  const values = new InputValues(known)
  const text = new OperationText(schema, values)
  const types = Object.values(schema.getTypeMap()).filter(isCompositeType)
  const ours = types.filter(({ name }) => !name.startsWith('__'))
  const bodies = fc
    .array(fc.oneof(...ours.map((type) => bodyOf(type, text))), { maxLength: 8 })
    .map((made) => new Map(made))
  const variables = fc.record(
    Object.fromEntries(argumentTypes(ours).map((type) => [nameOfVariable(type), values.variable(type)])),
  )
  const roots = (['query', 'mutation', 'subscription'] as const).flatMap((kind) => {
    const type = schema.getRootType(kind)
    if (type == null) return []
    const sets = DEPTHS.map((depth) => text.selections(type, depth).map((set) => `${kind} ${set}`))
    return [{ weight: kind === 'query' ? 12 : 1, arbitrary: fc.oneof(...sets) }]
  })
  const lists = { weight: 2, arbitrary: explainedLists(schema, text, known) }
  return fc.tuple(fc.oneof(...roots, lists), bodies, variables).map(([root, fragments, all]) => {
    const document = withFragments(root, fragments)
    return withVariables(document, all)
  })
}

/** Lists with explanations, at once or later, once or again and again: chance alone hardly gets so far. */
function explainedLists(
  schema: GraphQLSchema,
  text: OperationText,
  known: readonly string[],
): fc.Arbitrary<string> {
  const recommendation = schema.getType('Recommendation') as GraphQLObjectType
  const explanations = fc
    .tuple(fc.constantFrom('', '@defer', '@ defer', '@ # later\n defer'), fc.integer({ min: 1, max: 4 }))
    .map(([directive, times]) => `... ${directive} { explanation { text } } `.repeat(times))
  return fc.tuple(fc.constantFrom(...known), explanations, text.selections(recommendation, 3)).map(
    ([id, explained, set]) =>
      `query { customer(externalId: ${JSON.stringify(id)}) { ... on Customer {
          recommendations(first: 3) { edges { node { ${explained} ... on Recommendation ${set} } } } } } }`,
  )
}

const bodyOf = (type: GraphQLCompositeType, text: OperationText) => {
  const name = nameOfFragment(type.name)
  return text.selections(type, 3).map((set) => [name, `fragment ${name} on ${type.name} ${set}`] as const)
}

/** The types of all arguments, and that of a directive's condition. */
function argumentTypes(types: readonly GraphQLCompositeType[]): GraphQLInputType[] {
  const fields = types.flatMap((type) => (isUnionType(type) ? [] : Object.values(type.getFields())))
  const all = fields.flatMap(({ args }) => args.map(({ type }) => type))
  return [new GraphQLNonNull(GraphQLBoolean), ...all]
}

/** With the fragments that are spread, and those that these spread; what there is none for is left out. */
function withFragments(root: string, bodies: ReadonlyMap<string, string>): string {
  const used = new Set<string>()
  const follow = (part: string): string[] => [
    part.replaceAll(/\.\.\.(\w+)/g, (spread, name) => (bodies.has(name) ? spread : '__typename')),
    ...[...part.matchAll(/\.\.\.(\w+)/g)].flatMap(([, name]) => {
      const body = bodies.get(name)
      if (body === undefined || used.has(name)) return []
      used.add(name)
      return follow(body)
    }),
  ]
  return follow(root).join('\n')
}

/** With the variables that are used; those of no known type stay undefined. */
function withVariables(document: string, values: Readonly<Record<string, unknown>>): Operation {
  const names = new Set([...document.matchAll(/\$([A-Za-z_]\w*)/g)].map(([, name]) => name))
  const used = [...names].filter((name) => name in values)
  if (used.length === 0) return { query: document, variables: {} }
  const definitions = used.map((name) => `$${name}: ${typeOfVariable(name)}`).join(', ')
  return {
    query: document.replace(/^\w+/, (kind) => `${kind} Fuzz(${definitions})`),
    variables: Object.fromEntries(used.map((name) => [name, values[name]])),
  }
}
