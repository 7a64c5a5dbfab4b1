import { builder } from '../builder.ts'

export const RecommendationIntent = builder.enumType('RecommendationIntent', {
  description: 'What the products of a list are to the product that is looked at.',
  values: {
    RELATED: {
      description:
        'Like it: what might be bought in its place. By the cosine of content features; what is not alike is not listed.',
    },
    COMPLEMENTARY: {
      description: 'Frequently bought together with it. By the number of orders that hold both.',
    },
  } as const,
})
