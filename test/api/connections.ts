import {
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  isUnionType,
} from 'graphql'
import { schema } from '../../src/graphql/schema.ts'
import type { Serving } from './serving.ts'

/** Each coordinate `Type.field` of the schema whose field has all of some arguments. */
export function fieldsTaking(...names: string[]): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter(({ args }) => names.every((name) => args.some((argument) => argument.name === name)))
        .map((field) => `${type.name}.${field.name}`),
    )
}

/**
 * Whether an argument that cannot be is an answer of the field's, and not an error of the response.
 * @param coordinate  of CONNECTIONS or VARIANTS
 */
export function hasErrorUnion(coordinate: string): boolean {
  const [typeName, fieldName] = coordinate.split(/[. ]/)
  const type = schema.getType(typeName)
  if (!isObjectType(type)) return false
  const field = type.getFields()[fieldName].type
  // In a list of unions the error of one entry is a member; that of an argument of the whole list is not.
  if (isListType(getNullableType(field))) return false
  const returned = getNamedType(field)
  return isUnionType(returned) && returned.getTypes().some(({ name }) => name === 'InvalidInputError')
}

/** Where a connection of the grocery's is found. */
interface Place {
  /** The operation, with CALL in the place of the connection's arguments and PAGE in that of what is asked of it. */
  readonly query: string
  /** From `data` to the connection. */
  readonly path: readonly (string | number)[]
  /** What tells the nodes apart. */
  readonly node: string
}

const PRODUCT = 'sku'
const RECOMMENDED = 'product { sku }'
const ERRORS =
  '... on InvalidInputError { message path } ... on StaleCursorError { message cursorModelVersion }'

const root = (field: string, node: string, args = ''): Place => ({
  query: `${field}(${args} CALL) { PAGE }`,
  path: [field],
  node,
})
const ofCustomer = (field: string, node: string): Place => ({
  query: `customer(externalId: "ann") { ... on Customer { ${field}(CALL) { PAGE } } }`,
  path: ['customer', field],
  node,
})
const ofProduct = (field: string, node: string, sku: string, args = ''): Place => ({
  query: `product(sku: "${sku}") { ... on Product { ${field}(${args} CALL) { PAGE } } }`,
  path: ['product', field],
  node,
})

/** Every list of the API that can be paged through; a test holds it against the schema. */
export const CONNECTIONS: Readonly<Record<string, Place>> = {
  'Query.products': root('products', PRODUCT),
  'Query.searchProducts': root('searchProducts', PRODUCT, 'text: "tin"'),
  'Query.customers': root('customers', 'externalId'),
  'Query.searchCustomers': root('searchCustomers', 'externalId', 'text: "tin"'),
  'Query.categories': root('categories', 'name'),
  'Query.trending': root('trending', RECOMMENDED),
  'Query.recommend': {
    query: `recommend(input: { history: [{ sku: "tin-4" }, { sku: "milk" }] } CALL) {
      ... on RecommendationConnection { PAGE } ${ERRORS}
    }`,
    path: ['recommend'],
    node: RECOMMENDED,
  },
  'Query.recommendations': {
    query: `recommendations(externalIds: ["ann"] CALL) {
      ... on CustomerRecommendations { recommendations { PAGE } }
    }`,
    path: ['recommendations', 0, 'recommendations'],
    node: RECOMMENDED,
  },
  'Category.popular': {
    query: 'category(name: "tins") { ... on Category { popular(CALL) { PAGE } } }',
    path: ['category', 'popular'],
    node: RECOMMENDED,
  },
  'Customer.recommendations': ofCustomer('recommendations', RECOMMENDED),
  'Customer.alsoBought': ofCustomer('alsoBought', RECOMMENDED),
  'Customer.buyAgain': ofCustomer('buyAgain', RECOMMENDED),
  'Customer.purchases': ofCustomer('purchases', RECOMMENDED),
  'Product.neighbours': ofProduct('neighbours', PRODUCT, 'jam'),
  'Product.similar': ofProduct('similar', PRODUCT, 'jam'),
  'Product.recommendations': ofProduct('recommendations', RECOMMENDED, 'bread', 'intent: COMPLEMENTARY'),
}

/** Further ways to the same lists, where an argument makes another list of them. */
export const VARIANTS: Readonly<Record<string, Place>> = {
  'Product.recommendations of RELATED': ofProduct('recommendations', RECOMMENDED, 'jam'),
  'Product.neighbours by customers': ofProduct('neighbours', PRODUCT, 'bread', 'by: CO_PURCHASE'),
  'Product.neighbours by factors': ofProduct('neighbours', PRODUCT, 'bread', 'by: FACTORS'),
  'Query.recommend of ALSO_BOUGHT': {
    ...CONNECTIONS['Query.recommend'],
    query: CONNECTIONS['Query.recommend'].query.replace('history:', 'list: ALSO_BOUGHT, history:'),
  },
}

export interface Page {
  readonly ids: readonly string[]
  readonly cursors: readonly string[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

/** The text of a field that asks a list for a page. @param args  as GraphQL writes them */
export function pageField({ query, node }: Place, args: string): string {
  const asked = `edges { cursor node { ${node} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`
  // Arguments in parentheses cannot be none.
  return query
    .replace('CALL', args)
    .replace(/\(\s*\)/, '')
    .replace('PAGE', asked)
}

/** What stands at a list's place of an answer. */
export function at({ path }: Pick<Place, 'path'>, data: any): any {
  return path.reduce((value, step) => value?.[step], data)
}

export function pageOf({ edges, pageInfo }: any): Page {
  const ids = edges.map(({ node }: any) => node.product?.sku ?? node.sku ?? node.externalId ?? node.name)
  const cursors = edges.map(({ cursor }: { cursor: string }) => cursor)
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfo
  if (startCursor !== (cursors.at(0) ?? null) || endCursor !== (cursors.at(-1) ?? null))
    throw new Error('pageInfo names other cursors than the edges')
  return { ids, cursors, hasNextPage, hasPreviousPage }
}

/** One page of a list of the grocery's. */
export async function page({ ask }: Serving, place: Place, args: string): Promise<Page> {
  const { data, errors } = await ask(`{ ${pageField(place, args)} }`)
  if (errors) throw new Error(errors[0].message)
  return pageOf(at(place, data))
}

/** Pages of several lists, asked for in one operation. */
export async function pages(
  { ask }: Serving,
  places: Readonly<Record<string, Place>>,
  args: string,
  variables: object = {},
  declared = '',
): Promise<Record<string, Page>> {
  const named = Object.entries(places)
  const fields = named.map(([, place], i) => `l${i}: ${pageField(place, args)}`)
  const { data, errors } = await ask(`query Lists${declared} { ${fields.join('\n')} }`, variables)
  if (errors) throw new Error(errors[0].message)
  return Object.fromEntries(
    named.map(([name, place], i) => [name, pageOf(at(place, { [place.path[0]]: data[`l${i}`] }))]),
  )
}
