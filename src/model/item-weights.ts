/**
 * The linear item-item model EASE (Steck 2019, arXiv:1905.03375): score(u, j) = Σ_{i of u} B_ij, B from (XᵀX + λI)⁻¹.
 *
 * The matrix to invert has a row for each product, so a large catalogue is cut to the products that the most customers
 * bought beside others. Products that no chain of customers connects have B = 0 between them: each connected group is
 * inverted by itself, small groups together.
 */
import { transpose } from '../kernels/csr.ts'
import type { Csr, Kernels } from '../kernels/kernels.ts'
import { linkedProducts } from './linked-products.ts'

/** B, of each purchased product the weights of the greatest size. */
export interface ItemWeights {
  /** Products × products: row i holds B_ij of other products j, of either sign. */
  readonly weights: Csr
  /** Parallel to the entries: how many customers bought both products. */
  readonly customers: Uint32Array
}

/** What a fit of the item weights may cost, and how strongly it is regularised. */
export interface ItemWeightsOptions {
  /** λ > 0. */
  readonly regularization: number
  /** The most products that get weights. A fit takes 4·n² bytes and n³/2 multiply-adds of each connected group. */
  readonly mostProducts: number
  readonly signal?: AbortSignal
}

/** Weights kept in all, 48 MB of them: so many of each product as that allows, those of the greatest size. */
const MOST_WEIGHTS = 2 ** 22

/** Groups are put together up to so many products: a matrix of its own costs more than their part of a larger one. */
const TOGETHER = 1024

/** The item weights of a catalogue that nobody bought two products of. */
export function noItemWeights(products: number): ItemWeights {
  return {
    weights: {
      rows: products,
      columns: products,
      indptr: new Uint32Array(products + 1),
      indices: new Uint32Array(0),
      values: new Float32Array(0),
    },
    customers: new Uint32Array(0),
  }
}

/**
 * @param histories  customers × products; an entry says that the customer bought the product, whatever its value
 * @throws {KernelError} when λ is too small to invert a matrix, or `signal` aborts
 */
export async function fitItemWeights(
  histories: Csr,
  kernels: Kernels,
  { regularization, mostProducts, signal }: ItemWeightsOptions,
): Promise<ItemWeights> {
  const kept = columnsOf(histories, mostLinked(histories, mostProducts))
  const groups = groupsOf(kept)
  const neighbours = Math.ceil(MOST_WEIGHTS / groups.reduce((sum, { length }) => sum + length, 1))
  const rows: { readonly targets: Uint32Array; readonly values: Float32Array }[] = []
  for (const products of groups) {
    const fitted = await kernels.openEase({
      interactions: placed(kept, products),
      regularization,
      neighbours,
      ...(signal && { signal }),
    })
    fitted.close()
    const { indptr, indices, values } = fitted.weights
    products.forEach((product, place) => {
      const [from, to] = [indptr[place], indptr[place + 1]]
      rows[product] = {
        targets: indices.subarray(from, to).map((target) => products[target]),
        values: values.subarray(from, to),
      }
    })
  }
  const weights = csrOf(rows, histories.columns)
  return { weights, customers: customersOfBoth(weights, kept) }
}

/** The weights that rest on at least so many customers who bought both products. */
export function weightsSharedBy(least: number, { weights, customers }: ItemWeights): ItemWeights {
  const { rows, columns, indptr, indices, values } = weights
  const bounds = new Uint32Array(rows + 1)
  for (let row = 0; row < rows; row++) {
    bounds[row + 1] = bounds[row]
    for (let entry = indptr[row]; entry < indptr[row + 1]; entry++)
      if (customers[entry] >= least) bounds[row + 1]++
  }
  const isKept = (_: number, entry: number) => customers[entry] >= least
  return {
    weights: {
      rows,
      columns,
      indptr: bounds,
      indices: indices.filter(isKept),
      values: values.filter(isKept),
    },
    customers: customers.filter((count) => count >= least),
  }
}

/** Per product, 1 for those that the most customers bought beside another one; ties to the lower index. */
export function mostLinked({ rows, columns, indptr, indices }: Csr, most: number): Uint8Array {
  const linking = new Uint32Array(columns)
  for (let row = 0; row < rows; row++) {
    if (indptr[row + 1] - indptr[row] < 2) continue
    for (let entry = indptr[row]; entry < indptr[row + 1]; entry++) linking[indices[entry]]++
  }
  const linked = [...linking.keys()].filter((product) => linking[product] > 0)
  linked.sort((a, b) => linking[b] - linking[a] || a - b)
  const marks = new Uint8Array(columns)
  for (const product of linked.slice(0, most)) marks[product] = 1
  return marks
}

/** The entries of marked products alone. */
export function columnsOf(histories: Csr, marks: Uint8Array): Csr {
  const { rows, indptr, indices, values } = histories
  const bounds = new Uint32Array(rows + 1)
  for (let row = 0; row < rows; row++) {
    bounds[row + 1] = bounds[row]
    for (let entry = indptr[row]; entry < indptr[row + 1]; entry++) bounds[row + 1] += marks[indices[entry]]
  }
  const isKept = (_: number, entry: number) => marks[indices[entry]] === 1
  return { ...histories, indptr: bounds, indices: indices.filter(isKept), values: values.filter(isKept) }
}

/** Connected products, small groups put together; each ascending. */
function groupsOf(histories: Csr): Uint32Array[] {
  const groups: number[][] = []
  let small: number[] = []
  for (const { products } of linkedProducts(histories)) {
    if (products.length >= TOGETHER) {
      groups.push([...products])
      continue
    }
    if (small.length + products.length > TOGETHER) {
      groups.push(small)
      small = []
    }
    small.push(...products)
  }
  if (small.length > 0) groups.push(small)
  return groups.map((group) => Uint32Array.from(group).sort())
}

/** The rows that have any of some products, these numbered by their places. */
export function placed({ rows, columns, indptr, indices }: Csr, products: Uint32Array): Csr {
  const places = new Int32Array(columns).fill(-1)
  products.forEach((product, place) => (places[product] = place))
  const bounds = [0]
  const found: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let entry = indptr[row]; entry < indptr[row + 1]; entry++)
      if (places[indices[entry]] >= 0) found.push(places[indices[entry]])
    if (found.length > bounds[bounds.length - 1]) bounds.push(found.length)
  }
  return {
    rows: bounds.length - 1,
    columns: products.length,
    indptr: Uint32Array.from(bounds),
    indices: Uint32Array.from(found),
    values: new Float32Array(found.length).fill(1),
  }
}

function csrOf(
  rows: readonly { readonly targets: Uint32Array; readonly values: Float32Array }[],
  products: number,
): Csr {
  const indptr = new Uint32Array(products + 1)
  for (let row = 0; row < products; row++) indptr[row + 1] = indptr[row] + (rows[row]?.targets.length ?? 0)
  const indices = new Uint32Array(indptr[products])
  const values = new Float32Array(indptr[products])
  rows.forEach((row, product) => {
    indices.set(row.targets, indptr[product])
    values.set(row.values, indptr[product])
  })
  return { rows: products, columns: products, indptr, indices, values }
}

/** For each entry (i, j) of the weights, the customers who bought both i and j. */
function customersOfBoth(weights: Csr, histories: Csr): Uint32Array {
  const buyers = transpose(histories)
  const counts = new Uint32Array(weights.columns)
  const both = new Uint32Array(weights.indices.length)
  for (let product = 0; product < weights.rows; product++) {
    const [from, to] = [weights.indptr[product], weights.indptr[product + 1]]
    if (from === to) continue
    counts.fill(0)
    for (let b = buyers.indptr[product]; b < buyers.indptr[product + 1]; b++) {
      const customer = buyers.indices[b]
      for (let e = histories.indptr[customer]; e < histories.indptr[customer + 1]; e++)
        counts[histories.indices[e]]++
    }
    for (let entry = from; entry < to; entry++) both[entry] = counts[weights.indices[entry]]
  }
  return both
}
