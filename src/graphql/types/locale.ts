import { builder } from '../builder.ts'

export const Locale = builder.enumType('Locale', {
  description: 'A language that explanations are written in.',
  values: {
    EN: { value: 'en', description: 'English.' },
    PT_BR: { value: 'pt-BR', description: 'Brazilian Portuguese.' },
  } as const,
})
