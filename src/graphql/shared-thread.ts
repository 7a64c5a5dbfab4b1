import {
  defaultFieldResolver,
  getNamedType,
  type GraphQLSchema,
  isCompositeType,
  isObjectType,
} from 'graphql'
import type { Context } from './context.ts'

/**
 * Makes fields that return objects pause before they are resolved if the operation has held the thread for too long:
 * graphql itself executes everything that is ready without a pause, however many objects there are. Also counts the
 * returned objects.
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

/** Reports the number of objects in a value once it has resolved. A failed value has none. */
function count(value: unknown, onObjects: (count: number) => void): void {
  if (value instanceof Promise) {
    void value.then(
      (found) => count(found, onObjects),
      () => {},
    )
  } else if (Array.isArray(value)) onObjects(value.length)
  else onObjects(1)
}
