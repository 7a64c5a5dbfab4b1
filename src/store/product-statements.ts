/** What files say of products, as changes of the catalogue. */
import type { ProductFacts } from '../data/catalogue.ts'
import { isBlank, parseNumber } from '../data/fields.ts'
import { checkProducts, type ProductChange } from './catalogue.ts'

/** Columns that are fields of the catalogue, wherever they hold what these take. */
export const FIELD_COLUMNS = {
  seller: 'seller',
  seller_id: 'seller',
  price: 'price',
  currency: 'currency',
  image_url: 'imageUrl',
  url: 'url',
} as const satisfies Readonly<Record<string, keyof ProductChange>>

/**
 * The products of files, in their order. What a file says nothing of is left out, and stays in the catalogue as it is. A
 * column is an attribute, unless it is named like a field of the catalogue (FIELD_COLUMNS) and fits it; blank
 * texts are none.
 * @param facts  read with `keepColumns`
 */
export function* productStatements(facts: ProductFacts): Generator<ProductChange, void> {
  const { products, productNames, category, productColumns = [] } = facts
  const columns = attributeColumns(facts)
  for (let product = 0; product < products.size; product++) {
    const fields: Record<string, string | number> = {}
    const attributes: { name: string; value: string }[] = []
    for (const { name, texts } of columns) {
      const text = texts.at(product)
      if (isBlank(text)) continue
      const field = fieldOf(name, text)
      if (field) Object.assign(fields, field)
      else attributes.push({ name, value: text })
    }
    yield {
      sku: products.at(product),
      ...(productNames && { name: productNames.at(product) || null }),
      ...(category.labels.length > 0 && { category: category.labels[category.codes[product]] ?? null }),
      ...fields,
      ...(productColumns.length > 0 && { attributes }),
    }
  }
}

/** How many columns are not kept, because they have no name or that of another. */
export function unnamedColumns(facts: ProductFacts): number {
  const columns = facts.productColumns?.filter(({ name }) => name !== facts.category.name) ?? []
  return columns.length - attributeColumns(facts).length
}

/** The columns that products keep: those with a name, without that of the category. */
function attributeColumns({ productColumns = [], category }: ProductFacts) {
  const names = new Set([''])
  return productColumns.filter(({ name }) => {
    const isNew = !names.has(name.trim()) && name !== category.name
    names.add(name.trim())
    return isNew
  })
}

function fieldOf(name: string, text: string): Partial<ProductChange> | undefined {
  const field = (FIELD_COLUMNS as Readonly<Record<string, keyof ProductChange>>)[name]
  if (field === undefined) return undefined
  const change = { [field]: field === 'price' ? parseNumber(text) : text }
  try {
    checkProducts([{ sku: name, ...change }])
  } catch {
    return undefined
  }
  return change[field] === undefined ? undefined : change
}
