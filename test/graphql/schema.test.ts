import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { schema } from '../../src/graphql/schema.ts'

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
)

describe('every type, field, argument and enum value is described by a sentence', () => {
  test.each(types.flatMap(describedParts))('%s', (_coordinate, description) => {
    expect(description).toMatch(/^[A-Z0-9].*\.$/s)
  })
})

test('every field that can be null says when', () => {
  const unexplained = types
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({ coordinate: `${type}.${field.name}`, field })),
    )
    .filter(({ field }) => !isNonNullType(field.type) && !/\bNull\b/.test(field.description ?? ''))
  expect(unexplained.map(({ coordinate }) => coordinate)).toEqual([])
})

test('every deprecation says what to use instead', () => {
  const deprecated = types
    .flatMap(partsThatAge)
    .filter(({ deprecationReason }) => deprecationReason !== undefined && deprecationReason !== null)
  expect(deprecated.map(({ name }) => name)).toContain('similar')
  for (const { name, deprecationReason } of deprecated) {
    expect([name, deprecationReason]).toEqual([name, expect.stringMatching(/^Use `.+\.$/s)])
  }
})

/** Fields, arguments, input fields and enum values: what can be deprecated. */
function partsThatAge(
  type: GraphQLNamedType,
): { name: string; deprecationReason?: string | null | undefined }[] {
  if (isEnumType(type)) return [...type.getValues()]
  if (isInputObjectType(type)) return Object.values(type.getFields())
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  return Object.values(type.getFields()).flatMap((field) => [[field], field.args].flat())
}

test('of each kind of type there are some, so that none is passed over', () => {
  const coordinates = types.flatMap(describedParts).map(([coordinate]) => coordinate)
  expect(coordinates).toEqual(
    expect.arrayContaining([
      'ProductFilter.attributes',
      'RankingInput',
      'Query.recommend(input:)',
      'Product.recommendations(intent:)',
      'RecommendationIntent.COMPLEMENTARY',
      'RecommendResult',
      'NotFoundError.message',
      'Mutation.setProductAvailability(input:)',
      'DateTime',
    ]),
  )
})

/** Coordinate and description of a type and of everything in it. */
function describedParts(type: GraphQLNamedType): [string, string | null | undefined][] {
  const parts: [string, string | null | undefined][] = [[type.name, type.description]]
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      parts.push([`${type.name}.${field.name}`, field.description])
      for (const argument of field.args) {
        parts.push([`${type.name}.${field.name}(${argument.name}:)`, argument.description])
      }
    }
  }
  if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields()))
      parts.push([`${type.name}.${field.name}`, field.description])
  }
  if (isEnumType(type)) {
    for (const value of type.getValues()) parts.push([`${type.name}.${value.name}`, value.description])
  }
  return parts
}
