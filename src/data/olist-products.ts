import { Column } from './column.ts'
import type { CategoricalColumn, NumericColumn } from './dataset.ts'
import { isBlank } from './fields.ts'
import { type IdTableBuilder, type StringColumn, StringColumnBuilder } from './ids.ts'
import { Labels } from './labels.ts'
import { MEASURES, type OlistTable } from './olist-schema.ts'
import { PrimaryKey } from './primary-key.ts'
import type { Reading } from './reading.ts'

export interface OlistProducts {
  readonly ids: IdTableBuilder
  readonly category: CategoricalColumn
  readonly numeric: readonly NumericColumn[]
  readonly names: StringColumn | undefined
}

/** English names by the shop's own. */
export async function readTranslation(
  reading: Reading,
  table: OlistTable<'translation'>,
): Promise<ReadonlyMap<string, string>> {
  const key = new PrimaryKey()
  const english = new Map<string, string>()
  await reading.rows(table, (row) => {
    const translation = row.id('product_category_name_english')
    key.add(row, 'product_category_name')
    english.set(row.text('product_category_name'), translation)
  })
  return english
}

/**
 * The catalogue. A category that the translation lacks keeps the shop's own name, and is listed as untranslated.
 */
export async function readProducts(
  reading: Reading,
  table: OlistTable<'products'>,
  english: ReadonlyMap<string, string>,
): Promise<OlistProducts> {
  const key = new PrimaryKey()
  const labels = new Labels()
  const codes = new Column(Int32Array)
  const untranslated = new Set<string>()
  const numeric = MEASURES.map((name) => ({ name, column: new Column(Float64Array) }))
  const names = table.positions.has('product_name') ? new StringColumnBuilder() : undefined
  await reading.rows(table, (row) => {
    const own = row.text('product_category_name')
    const amounts = MEASURES.map((name) => row.measure(name))
    const name = row.text('product_name')
    key.add(row, 'product_id')
    const label = english.get(own) ?? own
    if (!english.has(own) && !isBlank(own)) untranslated.add(own)
    codes.push(labels.code(label))
    for (const [i, { column }] of numeric.entries()) column.push(amounts[i])
    names?.add(name)
  })
  return {
    ids: key.ids,
    category: {
      name: 'category',
      labels: labels.list(),
      codes: codes.take(),
      untranslated: [...untranslated],
    },
    numeric: numeric.map(({ name, column }) => ({ name, values: column.take() })),
    names: names?.build(),
  }
}
