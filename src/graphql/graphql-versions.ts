/**
 * What differs between graphql 16 and 17. A program has one copy of graphql, or its schemas and servers do not know each
 * other's types: Rationale takes the one that is there, and Apollo Server 5 asks for 16. Under 16 nothing is deferred:
 * `@defer` may be written, and everything comes in one response.
 */
import * as graphql from 'graphql'

/** The executors of 17, by what 16 lacks undefined. */
type Executors = Partial<
  Pick<typeof graphql, 'experimentalExecuteIncrementally' | 'legacyExecuteIncrementally'>
>

/** Each undefined under graphql 16. */
export const { experimentalExecuteIncrementally, legacyExecuteIncrementally }: Executors = graphql

/** As graphql 17 has it. */
export const deferDirective: graphql.GraphQLDirective =
  (graphql.GraphQLDeferDirective as graphql.GraphQLDirective | undefined) ??
  new graphql.GraphQLDirective({
    name: 'defer',
    description: 'Directs the executor to defer this fragment when the `if` argument is true or undefined.',
    locations: [graphql.DirectiveLocation.FRAGMENT_SPREAD, graphql.DirectiveLocation.INLINE_FRAGMENT],
    args: {
      if: {
        type: new graphql.GraphQLNonNull(graphql.GraphQLBoolean),
        description: 'Deferred when true or undefined.',
        defaultValue: true,
      },
      label: { type: graphql.GraphQLString, description: 'Unique name' },
    },
  })

/** An operation's variables, as `getArgumentValues` and `getDirectiveValues` of the same version take them. */
export type Variables = NonNullable<ReturnType<typeof graphql.getVariableValues>['variableValues']>

/** The variables of an operation; undefined where one is missing or of another type. */
export function variablesOf(...args: Parameters<typeof graphql.getVariableValues>): Variables | undefined {
  const result = graphql.getVariableValues(...args)
  return result.variableValues ?? (result as { coerced?: Variables }).coerced
}

/** A field of a type, those of introspection included; undefined where there is none. */
export function fieldOf(
  schema: graphql.GraphQLSchema,
  parent: graphql.GraphQLObjectType,
  name: string,
): graphql.GraphQLField<unknown, unknown> | undefined {
  if ('getField' in schema) return schema.getField(parent, name)
  const { TypeNameMetaFieldDef, SchemaMetaFieldDef, TypeMetaFieldDef } = graphql
  const meta = [TypeNameMetaFieldDef, SchemaMetaFieldDef, TypeMetaFieldDef].find(
    (field) => field.name === name,
  )
  if (meta === undefined) return (parent as graphql.GraphQLObjectType).getFields()[name]
  return meta === TypeNameMetaFieldDef || parent === (schema as graphql.GraphQLSchema).getQueryType()
    ? meta
    : undefined
}
