import { builder } from '../builder.ts'

export const SharedSource = builder.enumType('SharedSource', {
  description: 'What a recommended product has in common with the history.',
  values: {
    CO_PURCHASE: {
      value: 'coPurchase',
      description: 'Customers who bought something of the history bought it too.',
    },
    CATEGORY: { value: 'category', description: 'It is of a category that something was bought in.' },
    SELLER: { value: 'seller', description: 'Its seller is that of something bought.' },
    REPEAT: { value: 'repeat', description: 'It was bought before.' },
  } as const,
})
