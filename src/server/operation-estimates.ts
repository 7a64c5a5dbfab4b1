import type { DocumentNode, ExecutionArgs, FragmentDefinitionNode } from 'graphql'
import { getOperationAST, getVariableValues, Kind } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { CostTable } from '../graphql/cost.ts'
import { type OperationCost, operationCost } from './operation-cost.ts'

/** So many estimates of one document are kept, for variables of so many letters. */
const MOST_KEPT = 16
const MOST_LETTERS = 500

/** What an operation is estimated from. */
type Estimated = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>

/** Null where the operation or its variables are not such as can be executed, which execution says. */
type Estimate = (operation: Estimated) => OperationCost | null

/**
 * Estimates what operations cost by a table. Clients ask the same few documents over and over, for ever other
 * customers: an estimate is kept with its document, for all variables that differ in nothing but their texts, which no
 * cost depends on.
 */
export function operationEstimates(table: CostTable): Estimate {
  const kept = new WeakMap<DocumentNode, LRUCache<string, OperationCost>>()
  return (operation) => {
    const { document, operationName, variableValues } = operation
    const key = `${operationName ?? ''} ${JSON.stringify(variableValues, withoutTexts)}`
    const ofDocument = kept.get(document) ?? new LRUCache({ max: MOST_KEPT })
    const former = ofDocument.get(key)
    if (former) return former
    const estimate = estimateOf(operation, table)
    // Of texts it is known only now whether they can be executed: what cannot is never kept.
    if (estimate !== null && key.length <= MOST_LETTERS) kept.set(document, ofDocument.set(key, estimate))
    return estimate
  }
}

const withoutTexts = (_: string, value: unknown) => (typeof value === 'string' ? '' : value)

function estimateOf(
  { schema, document, operationName, variableValues }: Estimated,
  table: CostTable,
): OperationCost | null {
  const operation = getOperationAST(document, operationName)
  if (operation == null) return null
  const { variableValues: variables } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    variableValues ?? {},
    { maxErrors: 1 },
  )
  if (variables === undefined) return null
  return operationCost(operation, { schema, table, variables, fragments: fragmentsOf(document) })
}

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}
