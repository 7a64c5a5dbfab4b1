import { idTableOf } from '../data/ids.ts'
import type { Csr } from '../kernels/kernels.ts'
import { sealModel } from './model-tensors.ts'
import type { Model } from './model.ts'

/**
 * The same model without one of its customers: neither the id nor what the customer bought, nor features and segment.
 * What was learned of everybody's purchases together stays, and names nobody.
 * @param customer  index into `model.customers`
 * @throws {RangeError} if the model has no such customer
 */
export function withoutCustomer(model: Model, customer: number): Model {
  const { customers, histories, customerFeatures, segments } = model
  const { indptr } = histories
  if (!(Number.isInteger(customer) && customer >= 0 && customer < customers.size))
    throw new RangeError(`the model has no customer ${customer}`)
  const [begin, end] = [indptr[customer], indptr[customer + 1]]
  const isOther = (_: unknown, index: number) => index !== customer
  const ofOthers = (_: unknown, entry: number) => entry < begin || entry >= end
  const { columns } = customerFeatures
  return sealModel({
    ...model,
    customers: idTableOf(Array.from({ length: customers.size }, (_, i) => customers.at(i)).filter(isOther)),
    histories: withoutRow(histories, customer),
    orderCounts: model.orderCounts.filter(ofOthers),
    firstPurchased: model.firstPurchased.filter(ofOthers),
    lastPurchased: model.lastPurchased.filter(ofOthers),
    customerFeatures: {
      rows: customerFeatures.rows - 1,
      columns,
      data: customerFeatures.data.filter((_, at) => Math.floor(at / columns) !== customer),
    },
    segments: { ...segments, codes: segments.codes.filter(isOther) },
  })
}

function withoutRow({ rows, columns, indptr, indices, values }: Csr, row: number): Csr {
  const [begin, end] = [indptr[row], indptr[row + 1]]
  const isKept = (_: number, entry: number) => entry < begin || entry >= end
  return {
    rows: rows - 1,
    columns,
    indptr: Uint32Array.from([
      ...indptr.subarray(0, row + 1),
      ...indptr.subarray(row + 2).map((at) => at - (end - begin)),
    ]),
    indices: indices.filter(isKept),
    values: values.filter(isKept),
  }
}
