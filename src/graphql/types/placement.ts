import { builder } from '../builder.ts'

export const Placement = builder.enumType('Placement', {
  description: 'How a product came to its place of a list.',
  values: {
    RANKED: { description: 'By its score and, where asked for, by diversity.' },
    PINNED: { description: 'It was pinned there.' },
    EXPLORED: { description: 'It was drawn blindly among the eligible products.' },
  } as const,
})
