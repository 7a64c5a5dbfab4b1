import type {
  FieldNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLObjectType,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql'
import {
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isIntrospectionType,
} from 'graphql'
import {
  type Around,
  type CostTable,
  INTROSPECTION_COST,
  optionsCost,
  pageSize,
  type CostInputs,
  USUAL,
} from '../graphql/cost.ts'
import type { Prices } from '../graphql/prices.ts'
import { fieldOf } from '../graphql/graphql-versions.ts'
import { type Deferral, type CollectedField, collectFields, type Reading } from './collect-fields.ts'

/** What an operation asks for at most. */
export interface OperationCost {
  /** In whole units of the cost table. */
  readonly cost: number
  /** Objects, those that only wrap lists included, those of introspection not. */
  readonly nodes: number
}

interface Sum extends OperationCost {
  /** Cost that all entries of the list around share. */
  readonly perList: number
}

interface Pricing extends Reading {
  readonly table: CostTable
  readonly shop: CostInputs
  /** What filters are priced by; left out: prices.ts. */
  readonly prices?: Prices
}

const NOTHING: Sum = { cost: 0, nodes: 0, perList: 0 }

/**
 * Estimates an operation before it is executed: fields are merged as execution will merge them, lists are as long as
 * the page asked for, and of the types that something may have the dearest counts.
 */
export function operationCost(operation: OperationDefinitionNode, pricing: Pricing): OperationCost {
  const root = pricing.schema.getRootType(operation.operation)
  if (root == null) return NOTHING
  const around = { page: 0, bought: USUAL, list: () => 0, ranking: null, shop: pricing.shop }
  const { cost, nodes, perList } = ofObject(root, [operation.selectionSet], undefined, around, pricing)
  return { cost: Math.ceil(cost + perList), nodes }
}

function ofField(
  parent: GraphQLObjectType,
  { nodes, deferral }: CollectedField,
  outside: Around,
  pricing: Pricing,
): Sum {
  const name = nodes[0].name.value
  const field = fieldOf(pricing.schema, parent, name)
  if (field === undefined) return NOTHING
  const entry = pricing.table[`${parent.name}.${name}`] ?? {}
  const args = argumentsOf(field, nodes[0], pricing)
  const around = { ...outside, bought: entry.bought?.(args, pricing.shop) ?? outside.bought }
  const cost = (entry.cost?.(args, around) ?? 0) + optionsCost(args, pricing.prices)
  const own = { cost, nodes: 0, perList: entry.perList?.(around) ?? 0 }
  const type = getNamedType(field.type)
  if (!isCompositeType(type)) return own
  const many = name === 'edges' ? around.page : (entry.size?.(args, around) ?? 1)
  const page = entry.page?.(args) ?? (isPaged(field) ? pageSize(args) : around.page)
  const inside = {
    ...around,
    page,
    ...(entry.list && {
      list: entry.list(args, around),
      ranking: (args['ranking'] ?? null) as Around['ranking'],
    }),
  }
  return plus(own, times(many, ofValue(type, { nodes, deferral }, inside, pricing)))
}

/** Of one value, with what it holds. */
function ofValue(
  type: GraphQLCompositeType,
  { nodes, deferral }: CollectedField,
  around: Around,
  pricing: Pricing,
): Sum {
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
  const possible = isAbstractType(type) ? pricing.schema.getPossibleTypes(type) : [type]
  return possible.map((one) => ofObject(one, sets, deferral, around, pricing)).reduce(dearest, NOTHING)
}

/** Of one object, with what it holds. */
function ofObject(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  within: Deferral | undefined,
  around: Around,
  pricing: Pricing,
): Sum {
  const cost =
    (pricing.table[type.name]?.unit ?? unitOf(type)) + (pricing.table[type.name]?.cost?.({}, around) ?? 0)
  let sum: Sum = { cost, nodes: isIntrospectionType(type) ? 0 : 1, perList: 0 }
  for (const field of collectFields(type, sets, pricing, within)) {
    sum = plus(sum, ofField(type, field, around, pricing))
  }
  return 'edges' in type.getFields() ? { ...sum, cost: sum.cost + sum.perList, perList: 0 } : sum
}

function argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode, { variables }: Pricing) {
  if (field.args.length === 0) return {}
  try {
    return getArgumentValues(field, node, variables)
  } catch {
    // Execution says what is wrong with them.
    return {}
  }
}

const isPaged = ({ args }: GraphQLField<unknown, unknown>) => args.some(({ name }) => name === 'first')

/** What an object costs by itself: nothing where it only wraps a list. */
function unitOf(type: GraphQLObjectType): number {
  if (isIntrospectionType(type)) return INTROSPECTION_COST
  return /(Connection|Edge|PageInfo)$/.test(type.name) ? 0 : 1
}

const plus = (a: Sum, b: Sum): Sum => ({
  cost: a.cost + b.cost,
  nodes: a.nodes + b.nodes,
  perList: a.perList + b.perList,
})

/** What the entries of a list share is asked for once, however many there are. */
const times = (many: number, { cost, nodes, perList }: Sum): Sum => ({
  cost: many * cost,
  nodes: many * nodes,
  perList: many > 0 ? perList : 0,
})

const dearest = (a: Sum, b: Sum): Sum => ({
  cost: Math.max(a.cost, b.cost),
  nodes: Math.max(a.nodes, b.nodes),
  perList: Math.max(a.perList, b.perList),
})
