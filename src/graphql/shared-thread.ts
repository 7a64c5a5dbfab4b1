import {
  defaultFieldResolver,
  getNamedType,
  type GraphQLSchema,
  isCompositeType,
  isObjectType,
} from 'graphql'
import type { Context } from './context.ts'

/**
 * Has the fields that return objects pause before they are resolved, where the thread has been held for long enough:
 * graphql executes all that is at hand in one go, however many objects that makes. What they return is counted.
 * @returns the same schema
 */
export function sharingThread(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      if (!isCompositeType(getNamedType(field.type))) continue
      const resolve = field.resolve ?? defaultFieldResolver
      field.resolve = (source, args, context: Context, info) => {
        const turn = context.work.turnIfDue()
        const value = turn
          ? turn.then(() => resolve(source, args, context, info))
          : resolve(source, args, context, info)
        if (context.onObjects) count(value, context.onObjects)
        return value
      }
    }
  }
  return schema
}

/** Tells of the objects of a value when it is there. A value that fails has none. */
function count(value: unknown, onObjects: (count: number) => void): void {
  if (value instanceof Promise) {
    void value.then(
      (found) => count(found, onObjects),
      () => {},
    )
  } else if (Array.isArray(value)) onObjects(value.length)
  else onObjects(1)
}
