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
import { type CostTable, INTROSPECTION_COST, optionsCost, pageSize } from '../graphql/cost.ts'
import { fieldOf } from '../graphql/graphql-versions.ts'
import { type Deferral, type MergedField, mergedFields, type Reading } from './merged-fields.ts'

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
}

const NOTHING: Sum = { cost: 0, nodes: 0, perList: 0 }

/**
 * Estimates an operation before it is executed: fields are merged as execution will merge them, lists are as long as
 * the page asked for, and of the types that something may have the dearest counts.
 */
export function operationCost(operation: OperationDefinitionNode, pricing: Pricing): OperationCost {
  const root = pricing.schema.getRootType(operation.operation)
  if (root == null) return NOTHING
  const { cost, nodes, perList } = ofObject(root, [operation.selectionSet], undefined, 0, pricing)
  return { cost: Math.ceil(cost + perList), nodes }
}

function ofField(
  parent: GraphQLObjectType,
  { nodes, deferral }: MergedField,
  page: number,
  pricing: Pricing,
): Sum {
  const name = nodes[0].name.value
  const field = fieldOf(pricing.schema, parent, name)
  if (field === undefined) return NOTHING
  const entry = pricing.table[`${parent.name}.${name}`] ?? {}
  const args = argumentsOf(field, nodes[0], pricing)
  const cost = (entry.cost?.(args) ?? 0) + optionsCost(args)
  const own = { cost, nodes: 0, perList: entry.perList ?? 0 }
  const type = getNamedType(field.type)
  if (!isCompositeType(type)) return own
  const many = name === 'edges' ? page : (entry.size?.(args, page) ?? 1)
  const pageBelow = entry.page?.(args) ?? (isPaged(field) ? pageSize(args) : page)
  return plus(own, times(many, ofValue(type, { nodes, deferral }, pageBelow, pricing)))
}

/** Of one value, with what it holds. @param page  how long the lists in it are that have no `first` of their own */
function ofValue(
  type: GraphQLCompositeType,
  { nodes, deferral }: MergedField,
  page: number,
  pricing: Pricing,
): Sum {
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
  const possible = isAbstractType(type) ? pricing.schema.getPossibleTypes(type) : [type]
  return possible.map((one) => ofObject(one, sets, deferral, page, pricing)).reduce(dearest, NOTHING)
}

/** Of one object, with what it holds. */
function ofObject(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  within: Deferral | undefined,
  page: number,
  pricing: Pricing,
): Sum {
  const cost = unitOf(type) + (pricing.table[type.name]?.cost?.({}) ?? 0)
  let sum: Sum = { cost, nodes: isIntrospectionType(type) ? 0 : 1, perList: 0 }
  for (const field of mergedFields(type, sets, pricing, within)) {
    sum = plus(sum, ofField(type, field, page, pricing))
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
