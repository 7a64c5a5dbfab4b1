import type { DocumentNode, ExecutionArgs, FragmentDefinitionNode } from 'graphql'
import { getOperationAST, Kind } from 'graphql'
import { LRUCache } from 'lru-cache'
import { canonicalKey } from '../data/canonical-key.ts'
import { type CostTable, type CostInputs, USUAL } from '../graphql/cost.ts'
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

/**
 * Null where the operation or its variables are not such as can be executed, which execution says.
 * @param customer  the shop's own id of the customer who asks; null, the default: none does
 */
type Estimate = (operation: Estimated, customer?: string | null) => OperationCost | null

/** What texts say, whoever asks. */
export type RequestInputs = Pick<CostInputs, 'bought' | 'position'>

const NOTHING_KNOWN: RequestInputs = { bought: () => 0, position: () => 0 }

/**
 * Estimates what operations cost by a table. Clients ask the same few documents over and over, for ever other
 * customers: an estimate of a document is kept for all variables that differ in nothing but their texts, but for what is
 * looked up by these: how much a customer bought, if that is more than usual, and the place of a cursor.
 */
export function operationEstimates(table: CostTable, inputs: RequestInputs = NOTHING_KNOWN): Estimate {
  // By number, so that an estimate holds no document: which of them are kept is for their cache to say.
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
    // Of texts it is known only now whether they can be executed: what cannot is never kept.
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
