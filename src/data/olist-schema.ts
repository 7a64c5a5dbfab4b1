import { BROWSING } from './browsing.ts'
import type { Table, TableSchema } from './table.ts'

/** The measures by which the notebook compares products. */
export const MEASURES = [
  'product_weight_g',
  'product_length_cm',
  'product_height_cm',
  'product_width_cm',
  'product_photos_qty',
] as const

/**
 * The columns used from https://www.kaggle.com/datasets/olistbr/brazilian-ecommerce, in the order in which they are
 * read.
 * The files of payments and sellers hold nothing that is used; `product_name` and the customers' features are our
 * additions.
 */
export const OLIST = {
  customers: {
    file: 'olist_customers_dataset.csv',
    required: ['customer_id', 'customer_unique_id'],
    optional: [],
  },
  orders: {
    file: 'olist_orders_dataset.csv',
    required: [
      'order_id',
      'customer_id',
      'order_purchase_timestamp',
      'order_delivered_customer_date',
      'order_estimated_delivery_date',
    ],
    optional: ['order_status'],
  },
  translation: {
    file: 'product_category_name_translation.csv',
    required: ['product_category_name', 'product_category_name_english'],
    optional: [],
  },
  products: {
    file: 'olist_products_dataset.csv',
    required: ['product_id', 'product_category_name', ...MEASURES],
    optional: ['product_name'],
  },
  items: {
    file: 'olist_order_items_dataset.csv',
    required: ['order_id', 'order_item_id', 'product_id', 'price'],
    optional: ['seller_id'],
  },
  reviews: {
    file: 'olist_order_reviews_dataset.csv',
    required: ['order_id', 'review_score'],
    optional: [],
    mayBeMissing: true,
  },
  features: {
    file: 'customer_features.csv',
    required: ['segment_name'],
    optional: ['customer_unique_id', 'customer_id'],
    mayBeMissing: true,
  },
  browsing: BROWSING,
} as const satisfies Record<string, TableSchema>

/** The opened table of a schema, such as OlistTable<'orders'>. */
export type OlistTable<K extends keyof typeof OLIST> = Table<
  (typeof OLIST)[K]['required'][number] | (typeof OLIST)[K]['optional'][number]
>

/** The files without which there is no Olist data set. */
export const OLIST_FILES: readonly string[] = Object.values(OLIST)
  .filter((schema) => !('mayBeMissing' in schema))
  .map((schema) => schema.file)
