/**
 * The differences between graphql 16 and 17. A program must have only one copy of graphql, or its schemas and servers
 * do not recognise each other's types. So Rationale uses the installed copy, and Apollo Server 5 needs 16. Under 16
 * nothing is deferred: a document may contain `@defer`, but everything comes in one response.
 */
import * as graphql from 'graphql'

/** The executors of graphql 17; undefined under 16. */
type Executors = Partial<
  Pick<typeof graphql, 'experimentalExecuteIncrementally' | 'legacyExecuteIncrementally'>
>

/** Each undefined under graphql 16. */
export const { experimentalExecuteIncrementally, legacyExecuteIncrementally }: Executors = graphql

/** The directive as graphql 17 defines it. */
export const deferDirective: graphql.GraphQLDirective =
  (graphql.GraphQLDeferDirective as graphql.GraphQLDirective | undefined) ??
  new graphql.GraphQLDirective({
    name: 'defer',
    description: 'Lets this fragment arrive after the rest of the response, unless `if` is false.',
    locations: [graphql.DirectiveLocation.FRAGMENT_SPREAD, graphql.DirectiveLocation.INLINE_FRAGMENT],
    args: {
      if: {
        type: new graphql.GraphQLNonNull(graphql.GraphQLBoolean),
        description: 'Whether to defer the fragment.',
        defaultValue: true,
      },
      label: {
        type: graphql.GraphQLString,
        description: 'A name for the fragment, unique in the operation.',
      },
    },
  })

/** An operation's variables, as `getArgumentValues` and `getDirectiveValues` of the same version take them. */
export type Variables = NonNullable<ReturnType<typeof graphql.getVariableValues>['variableValues']>

/** The variables of an operation; undefined if one is missing or has the wrong type. */
export function variablesOf(...args: Parameters<typeof graphql.getVariableValues>): Variables | undefined {
  const result = graphql.getVariableValues(...args)
  return result.variableValues ?? (result as { coerced?: Variables }).coerced
}

/** A field of a type, introspection fields included; undefined if there is none. */
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
