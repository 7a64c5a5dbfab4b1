/** `node --import` this: whatever asks for graphql gets version 16, as in a program that has Apollo Server 5. */
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier.replace(/^graphql(?=$|\/)/, 'graphql-16'), {
      ...context,
      ...(/^graphql(?=$|\/)/.test(specifier) && { parentURL: import.meta.url }),
    }),
})
