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
import { type Deferral, type CollectedField, collectFields, type OperationFields } from './collect-fields.ts'

/** The estimate of an operation. */
export interface OperationCost {
  /** In whole units of the cost table. */
  readonly cost: number
  /** Objects, including those that only wrap lists, but not those of introspection. */
  readonly nodes: number
}

interface Sum extends OperationCost {
  /** The cost that all entries of the list around share. */
  readonly perList: number
}

interface Pricing extends OperationFields {
  readonly table: CostTable
  readonly shop: CostInputs
  /** The prices of filters; left out: those of prices.ts. */
  readonly prices?: Prices
}

const NOTHING: Sum = { cost: 0, nodes: 0, perList: 0 }

/**
 * Estimates an operation before it is executed: fields are merged as in the execution, lists have the length of their
 * page, and of the possible types of an object the most expensive one counts.
 */
export function operationCost(operation: OperationDefinitionNode, pricing: Pricing): OperationCost {
  const root = pricing.schema.getRootType(operation.operation)
  if (root == null) return NOTHING
  const around = {
    page: 0,
    bought: USUAL,
    interest: USUAL,
    list: () => 0,
    ranking: null,
    shop: pricing.shop,
  }
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
  const around = {
    ...outside,
    bought: entry.bought?.(args, pricing.shop) ?? outside.bought,
    interest: entry.interest?.(args) ?? outside.interest,
  }
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

/** The cost of one value and everything in it. */
function ofValue(
  type: GraphQLCompositeType,
  { nodes, deferral }: CollectedField,
  around: Around,
  pricing: Pricing,
): Sum {
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
  const possible = isAbstractType(type) ? pricing.schema.getPossibleTypes(type) : [type]
  return possible.map((one) => ofObject(one, sets, deferral, around, pricing)).reduce(mostExpensive, NOTHING)
}

/** The cost of one object and everything in it. */
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
    // Execution reports the error.
    return {}
  }
}

const isPaged = ({ args }: GraphQLField<unknown, unknown>) => args.some(({ name }) => name === 'first')

/** The cost of an object by itself: 0 if it only wraps a list. */
function unitOf(type: GraphQLObjectType): number {
  if (isIntrospectionType(type)) return INTROSPECTION_COST
  return /(Connection|Edge|PageInfo)$/.test(type.name) ? 0 : 1
}

const plus = (a: Sum, b: Sum): Sum => ({
  cost: a.cost + b.cost,
  nodes: a.nodes + b.nodes,
  perList: a.perList + b.perList,
})

/** The cost of several entries; what they share counts once. */
const times = (many: number, { cost, nodes, perList }: Sum): Sum => ({
  cost: many * cost,
  nodes: many * nodes,
  perList: many > 0 ? perList : 0,
})

const mostExpensive = (a: Sum, b: Sum): Sum => ({
  cost: Math.max(a.cost, b.cost),
  nodes: Math.max(a.nodes, b.nodes),
  perList: Math.max(a.perList, b.perList),
})
