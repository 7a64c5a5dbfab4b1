import type { DocumentNode, ExecutionArgs, FragmentDefinitionNode } from 'graphql'
import { getOperationAST, Kind } from 'graphql'
import { LRUCache } from 'lru-cache'
import { canonicalKey } from '../data/canonical-key.ts'
import type { CostTable } from '../graphql/cost.ts'
import { variablesOf } from '../graphql/graphql-versions.ts'
import { type OperationCost, operationCost } from './operation-cost.ts'

/** So many bytes of estimates are kept, those asked for last. */
const MOST_BYTES = 2 * 2 ** 20

/** What a kept estimate takes beside its key. */
const OVERHEAD = 400

/** Longer keys are not kept: hardly anybody asks twice for so much. */
const LONGEST_KEY = 500

/** What an operation is estimated from. */
type Estimated = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>

/** Null where the operation or its variables are not such as can be executed, which execution says. */
type Estimate = (operation: Estimated) => OperationCost | null

/**
 * Estimates what operations cost by a table. Clients ask the same few documents over and over, for ever other
 * customers: an estimate of a document is kept for all variables that differ in nothing but their texts, which no cost depends on.
 */
export function operationEstimates(table: CostTable): Estimate {
  // By number, so that an estimate holds no document: which of them are kept is for their cache to say.
  const numbers = new WeakMap<DocumentNode, number>()
  let documents = 0
  const kept = new LRUCache<string, OperationCost>({
    maxSize: MOST_BYTES,
    sizeCalculation: (_, key) => 2 * key.length + OVERHEAD,
  })
  return (operation) => {
    const { document, operationName, variableValues } = operation
    const number = numbers.get(document) ?? documents++
    numbers.set(document, number)
    const key = `${number} ${canonicalKey([operationName, canonicalKey(variableValues, () => '""')])}`
    const former = kept.get(key)
    if (former) return former
    const estimate = estimateOf(operation, table)
    // Of texts it is known only now whether they can be executed: what cannot is never kept.
    if (estimate !== null && key.length <= LONGEST_KEY) kept.set(key, estimate)
    return estimate
  }
}

function estimateOf(
  { schema, document, operationName, variableValues }: Estimated,
  table: CostTable,
): OperationCost | null {
  const operation = getOperationAST(document, operationName)
  if (operation == null) return null
  const variables = variablesOf(schema, operation.variableDefinitions ?? [], variableValues ?? {}, {
    maxErrors: 1,
  })
  if (variables === undefined) return null
  return operationCost(operation, { schema, table, variables, fragments: fragmentsOf(document) })
}

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}
