import type { DocumentNode, ExecutionArgs, FragmentDefinitionNode } from 'graphql'
import { getOperationAST, Kind } from 'graphql'
import { LRUCache } from 'lru-cache'
import { canonicalKey } from '../data/canonical-key.ts'
import { type CostTable, type CostInputs, USUAL } from '../graphql/cost.ts'
import { variablesOf } from '../graphql/graphql-versions.ts'
import { type OperationCost, operationCost } from './operation-cost.ts'

/** The most bytes of cached estimates. */
const MOST_BYTES = 2 * 2 ** 20

/** The bytes of a cached estimate without its key. */
const OVERHEAD = 400

/** Characters. Longer keys are not cached: such requests are hardly ever repeated. */
const LONGEST_KEY = 500

/** The facts that an operation is estimated from. */
type Estimated = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>

/**
 * Null if the operation or its variables are invalid, which execution reports.
 * @param customer  the caller's own customer, by the shop's own id; null, the default: none
 */
type Estimate = (operation: Estimated, customer?: string | null) => OperationCost | null

/** The inputs that depend on the request only, not on the caller. */
export type RequestInputs = Pick<CostInputs, 'bought' | 'position'>

const NOTHING_KNOWN: RequestInputs = { bought: () => 0, position: () => 0 }

/**
 * Estimates operations by a cost table. Clients send the same few documents again and again, for different customers. So
 * an estimate is cached for all variables that differ only in their texts, if what is looked up by these texts is the
 * same: how much a customer bought, if it is more than usual, and the position of a cursor.
 */
export function operationEstimates(table: CostTable, inputs: RequestInputs = NOTHING_KNOWN): Estimate {
  // Keys hold a number, not the document: the document cache decides which documents are kept.
  const numbers = new WeakMap<DocumentNode, number>()
  let documents = 0
  const kept = new LRUCache<string, OperationCost>({
    maxSize: MOST_BYTES,
    sizeCalculation: (_, key) => 2 * key.length + OVERHEAD,
  })
  const factsOf = (text: string) => {
    const bought = inputs.bought(text)
    return `"${bought > USUAL ? bought : ''} ${inputs.position(text) || ''}"`
  }
  return (operation, customer = null) => {
    const own = customer === null ? 0 : Math.max(USUAL, inputs.bought(customer))
    const { document, operationName, variableValues } = operation
    const number = numbers.get(document) ?? documents++
    numbers.set(document, number)
    const key = `${number} ${canonicalKey([operationName, canonicalKey(variableValues, factsOf), own])}`
    const former = kept.get(key)
    if (former) return former
    const estimate = estimateOf(operation, table, { ...inputs, own })
    // Invalid texts give null, which is never cached.
    if (estimate !== null && key.length <= LONGEST_KEY) kept.set(key, estimate)
    return estimate
  }
}

function estimateOf(
  { schema, document, operationName, variableValues }: Estimated,
  table: CostTable,
  shop: CostInputs,
): OperationCost | null {
  const operation = getOperationAST(document, operationName)
  if (operation == null) return null
  const variables = variablesOf(schema, operation.variableDefinitions ?? [], variableValues ?? {}, {
    maxErrors: 1,
  })
  if (variables === undefined) return null
  return operationCost(operation, { schema, table, shop, variables, fragments: fragmentsOf(document) })
}

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}
