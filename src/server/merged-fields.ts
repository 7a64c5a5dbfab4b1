import type {
  DirectiveNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLDirective,
  GraphQLObjectType,
  GraphQLSchema,
  InlineFragmentNode,
  SelectionSetNode,
  VariableValues,
} from 'graphql'
import {
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isAbstractType,
  Kind,
} from 'graphql'

/** What the fields of an operation are read with. */
export interface Reading {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly variables: VariableValues
}

/**
 * The fields that execution asks an object for, by response name: those of one name are one field, of which the
 * selections are merged; what is skipped is left out, and so is what is of other types; a fragment counts once.
 * "CollectFields" of the specification.
 */
export function mergedFields(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  reading: Reading,
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>()
  const spread = new Set<string>()
  const collect = ({ selections }: SelectionSetNode) => {
    for (const node of selections) {
      if (isLeftOut(node, reading)) continue
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value
        fields.set(key, [...(fields.get(key) ?? []), node])
        continue
      }
      const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : firstTime(node.name.value)
      if (fragment !== undefined && isOf(type, fragment, reading.schema)) collect(fragment.selectionSet)
    }
  }
  const firstTime = (name: string) => {
    if (spread.has(name)) return undefined
    spread.add(name)
    return reading.fragments.get(name)
  }
  for (const set of sets) collect(set)
  return fields
}

function isLeftOut(
  node: { readonly directives?: readonly DirectiveNode[] | undefined },
  reading: Reading,
): boolean {
  if (node.directives === undefined || node.directives.length === 0) return false
  const valueOf = (directive: GraphQLDirective) => {
    try {
      return getDirectiveValues(directive, node, reading.variables)?.['if']
    } catch {
      // Execution says what is wrong with it.
      return undefined
    }
  }
  return valueOf(GraphQLSkipDirective) === true || valueOf(GraphQLIncludeDirective) === false
}

function isOf(
  type: GraphQLObjectType,
  { typeCondition }: FragmentDefinitionNode | InlineFragmentNode,
  schema: GraphQLSchema,
): boolean {
  if (typeCondition === undefined) return true
  const condition = schema.getType(typeCondition.name.value)
  return condition === type || (isAbstractType(condition) && schema.isSubType(condition, type))
}
