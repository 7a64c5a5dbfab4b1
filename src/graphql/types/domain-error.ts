import { builder } from '../builder.ts'

/** Errors that a client foresees: members of a field's result union, not entries of the response's `errors`. */
export const DomainError = builder.interfaceRef<Error>('DomainError').implement({
  description: 'Something that was asked for and cannot be answered, in a way that a client can foresee.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What is wrong, in a sentence for people.' }),
  }),
})
