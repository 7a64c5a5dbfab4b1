import { specifiedDirectives } from 'graphql'
import { builder } from './builder.ts'
import { deferDirective } from './graphql-versions.ts'
import { sharingThread } from './shared-thread.ts'
import './availability.ts'
import './catalogue.ts'
import './category.ts'
import './customer.ts'
import './date-time.ts'
import './domain-errors.ts'
import './events.ts'
import './explanation.ts'
import './explanation-stream.ts'
import './lists.ts'
import './model-info.ts'
import './models.ts'
import './product.ts'
import './reasons.ts'
import './recommend.ts'
import './recommendation.ts'
import './recommendations-changed.ts'
import './search.ts'
import './similar-products.ts'
import './what-if.ts'

/** The executable schema; its SDL is kept in schema/schema.graphql. */
export const schema = sharingThread(
  builder.toSchema({ directives: [...specifiedDirectives, deferDirective] }),
)
