import {
  buildASTSchema,
  BreakingChangeType,
  type ConstDirectiveNode,
  DangerousChangeType,
  type DefinitionNode,
  type DocumentNode,
  findSchemaChanges,
  type GraphQLNamedType,
  GraphQLSchema,
  isObjectType,
  parse,
  resolveSchemaCoordinate,
} from 'graphql'

/** What a new schema would do to the clients of the released one, a sentence a change. */
export interface SchemaChanges {
  /** Operations that were valid no longer are, or are answered by less. */
  readonly breaking: readonly string[]
  /** Operations stay valid, but a client may meet what it did not know: a new enum value, another default. */
  readonly dangerous: readonly string[]
}

/**
 * Compares a schema with a released one. Fields, arguments, input fields and enum values that were deprecated in the
 * release may be gone, and with them the types that nothing else led to: their clients had been told.
 * @param released  SDL
 * @throws {GraphQLError} where `released` is no SDL
 */
export function schemaChanges(released: string, schema: GraphQLSchema): SchemaChanges {
  const kept = onlyReachable(buildASTSchema(withoutRetired(parse(released), schema)))
  const changes = findSchemaChanges(kept, schema)
  const ofKind = (kind: object) =>
    changes.filter(({ type }) => type in kind).map(({ description }) => description)
  return { breaking: ofKind(BreakingChangeType), dangerous: ofKind(DangerousChangeType) }
}

interface Element {
  readonly name: { readonly value: string }
  readonly directives?: readonly ConstDirectiveNode[] | undefined
}

interface Field extends Element {
  readonly arguments?: readonly Element[]
}

/** The parts of a definition that can be deprecated; each kind of type has some of them. */
interface Parts {
  readonly fields?: readonly Field[]
  readonly values?: readonly Element[]
}

/** The released document without what was deprecated there and is gone from the schema. */
function withoutRetired(released: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const stays = (element: Element, coordinate: string) => !isDeprecated(element) || has(schema, coordinate)
  const definitions = released.definitions.map((definition) => {
    const type = 'name' in definition ? definition.name?.value : undefined
    const { fields, values } = definition as Parts
    const fieldsLeft = fields?.filter((field) => stays(field, `${type}.${field.name.value}`))
    const argumentsLeft = (field: Field) =>
      field.arguments?.filter((argument) =>
        stays(argument, `${type}.${field.name.value}(${argument.name.value}:)`),
      )
    return Object.assign({}, definition, {
      fields: fieldsLeft?.map((field) => Object.assign({}, field, { arguments: argumentsLeft(field) })),
      values: values?.filter((value) => stays(value, `${type}.${value.name.value}`)),
    }) as DefinitionNode
  })
  return { ...released, definitions }
}

function isDeprecated({ directives = [] }: Element): boolean {
  return directives.some(({ name }) => name.value === 'deprecated')
}

function has(schema: GraphQLSchema, coordinate: string): boolean {
  try {
    return resolveSchemaCoordinate(schema, coordinate) !== undefined
  } catch {
    // Nor has it what the element stood in.
    return false
  }
}

/** The schema without types that no operation can meet. */
function onlyReachable(schema: GraphQLSchema): GraphQLSchema {
  const { query, mutation, subscription, directives, types: all } = schema.toConfig()
  const types: GraphQLNamedType[] = []
  for (;;) {
    const reached = new GraphQLSchema({ query, mutation, subscription, directives, types })
    const behindInterfaces = all.filter(
      (type) =>
        isObjectType(type) &&
        reached.getType(type.name) === undefined &&
        type.getInterfaces().some(({ name }) => reached.getType(name) !== undefined),
    )
    if (behindInterfaces.length === 0) return reached
    types.push(...behindInterfaces)
  }
}
