import type {
  DirectiveNode,
  FieldNode,
  FragmentDefinitionNode,
  FragmentSpreadNode,
  GraphQLDirective,
  GraphQLObjectType,
  GraphQLSchema,
  InlineFragmentNode,
  SelectionSetNode,
} from 'graphql'
import {
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isAbstractType,
  Kind,
} from 'graphql'
import { deferDirective, type Variables } from '../graphql/graphql-versions.ts'

/** What collecting the fields of an operation needs. */
export interface OperationFields {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly variables: Variables
}

/** A fragment with `@defer`: each is executed separately. */
export interface Deferral {
  readonly directive: DirectiveNode
}

/** The fields of one response name, which are executed together. */
export interface CollectedField {
  readonly nodes: readonly FieldNode[]
  /** The fragment with `@defer` that they are in; undefined: they are sent with the object around them. */
  readonly deferral: Deferral | undefined
}

/**
 * The fields that execution resolves on an object ("CollectFields" in the specification). Fields of one response name
 * become one field with merged selections; skipped fields and fragments on other types are left out; a fragment counts
 * once. The fields of a fragment with `@defer` are not merged with fields outside of it, as in the older format of parts.
 * A spread that is not deferred makes all further spreads of the same fragment redundant; a spread within a deferred
 * fragment is deferred with it (`visitSelectionSets` in graphql).
 * @param within  the fragment with `@defer` that the object itself is in
 */
export function collectFields(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  operation: OperationFields,
  within: Deferral | undefined,
): CollectedField[] {
  const fields = new Map<Deferral | undefined, Map<string, FieldNode[]>>()
  const spread = new Map<string, Set<DirectiveNode | undefined>>()
  const collect = ({ selections }: SelectionSetNode, around: Deferral | undefined) => {
    for (const node of selections) {
      if (isLeftOut(node, operation)) continue
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value
        const together = fields.get(around) ?? new Map<string, FieldNode[]>()
        fields.set(around, together.set(key, [...(together.get(key) ?? []), node]))
        continue
      }
      const directive = deferOf(node, operation)
      const deferral = directive ? { directive } : around
      const fragment =
        node.kind === Kind.INLINE_FRAGMENT ? node : firstTime(node.name.value, deferral?.directive)
      if (fragment !== undefined && isOf(type, fragment, operation.schema))
        collect(fragment.selectionSet, deferral)
    }
  }
  const firstTime = (name: string, deferred: DirectiveNode | undefined) => {
    const before = spread.get(name) ?? new Set()
    if (before.has(undefined) || before.has(deferred)) return undefined
    spread.set(name, before.add(deferred))
    return operation.fragments.get(name)
  }
  for (const set of sets) collect(set, within)
  return [...fields].flatMap(([deferral, together]) =>
    Array.from(together.values(), (nodes) => ({ nodes, deferral })),
  )
}

/** The `@defer` of a fragment, if it applies. */
function deferOf(
  node: FragmentSpreadNode | InlineFragmentNode,
  { variables }: OperationFields,
): DirectiveNode | undefined {
  const directive = node.directives?.find(({ name }) => name.value === deferDirective.name)
  return directive && valueOfIf(deferDirective, node, variables) !== false ? directive : undefined
}

interface Directed {
  readonly directives?: readonly DirectiveNode[] | undefined
}

function isLeftOut(node: Directed, operation: OperationFields): boolean {
  if (node.directives === undefined || node.directives.length === 0) return false
  const { variables } = operation
  return (
    valueOfIf(GraphQLSkipDirective, node, variables) === true ||
    valueOfIf(GraphQLIncludeDirective, node, variables) === false
  )
}

function valueOfIf(directive: GraphQLDirective, node: Directed, variables: Variables): unknown {
  try {
    return getDirectiveValues(directive, node, variables)?.['if']
  } catch {
    // Execution reports the error.
    return undefined
  }
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
