/**
 * A small Olist data set. Ana has ordered twice (as c1 and c2), Bob once, Cleo an order without items; Dora has
 * never ordered. The first item sold is Bob's. p1 has a translated category, p2 one that the translation lacks, p3
 * nothing at all.
 */
export const OLIST_FILES = {
  'olist_customers_dataset.csv': `customer_id,customer_unique_id,customer_city
c5,dora,lima
c1,ana,lima
c2,ana,lima
c3,bob,"sao
paulo"
c4,cleo,lima
`,
  'olist_orders_dataset.csv': `order_id,customer_id,order_status,order_purchase_timestamp,order_delivered_customer_date,order_estimated_delivery_date
o1,c1,delivered,2018-01-01 10:00:00,2018-01-05 12:00:00,2018-01-10 00:00:00
o2,c2,delivered,2018-02-01 00:00:00,2018-02-12 00:00:00,2018-02-10 00:00:00
o3,c3,shipped,,,2018-02-10 00:00:00
o4,c4,canceled,2018-03-01 00:00:00,,
`,
  'olist_order_items_dataset.csv': `order_id,order_item_id,product_id,price
o3,1,p2,10.50
o1,1,p1,99.90
o1,2,p1,99.90
o2,1,p3,
`,
  'olist_products_dataset.csv': `product_id,product_category_name,product_photos_qty,product_weight_g,product_length_cm,product_height_cm,product_width_cm
p1,beleza_saude,1,200,20,10,5
p2,pc_gamer,2,300.5,30,20,10
p3,,,,,,
`,
  'product_category_name_translation.csv': `product_category_name,product_category_name_english
beleza_saude,health_beauty
`,
}

export type OlistFile = keyof typeof OLIST_FILES

/** The small data set with one text in one of its files replaced. */
export function olistWith(file: OlistFile, from: string, to: string): Record<string, string> {
  const text = OLIST_FILES[file]
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
  return { ...OLIST_FILES, [file]: text.replace(from, to) }
}
