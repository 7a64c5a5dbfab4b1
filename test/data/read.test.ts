import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readDataset } from '../../src/data/read.ts'
import { failureOf, folderOf } from './folders.ts'

test('A folder without a data set is an error that says what each kind needs', async () => {
  const folder = await folderOf({ 'readme.txt': '' })
  const error = await failureOf(readDataset(folder))
  expect(error).toMatchObject({ name: 'DataError', file: folder })
  expect(error.message).toContain('interactions: interactions.csv or interactions.parquet is missing')
  for (const file of [
    'olist_orders_dataset.csv',
    'olist_order_items_dataset.csv',
    'olist_products_dataset.csv',
    'olist_customers_dataset.csv',
    'product_category_name_translation.csv',
  ]) {
    expect(error.message).toContain(file)
  }
})

test('A path that leads nowhere is an error that names it', async () => {
  const path = join(await folderOf(), 'nowhere')
  const error = await failureOf(readDataset(path))
  expect(error).toMatchObject({ name: 'DataError', message: `${path}: does not exist: check the path` })
})

test('An abort that came before reading ends it at once', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(readDataset('nowhere', { signal })).rejects.toThrow('enough')
})
