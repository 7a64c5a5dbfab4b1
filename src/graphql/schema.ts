import { builder } from './builder.ts'
import './types/customer.ts'
import './types/customer-connection.ts'
import './types/date-time.ts'
import './types/model-info.ts'
import './types/product.ts'
import './types/product-connection.ts'
import './types/purchase-connection.ts'
import './types/recommend.ts'
import './types/recommendation-connection.ts'
import './types/similar-product-connection.ts'
import './types/unknown-customer-error.ts'
import './types/unknown-product-error.ts'

/** The executable schema; its SDL is kept in schema/schema.graphql. */
export const schema = builder.toSchema()
