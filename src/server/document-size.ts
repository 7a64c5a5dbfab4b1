import type {
  ASTVisitor,
  DocumentNode,
  FragmentDefinitionNode,
  SelectionSetNode,
  ValidationRule,
} from 'graphql'
import { Kind } from 'graphql'
import { limitExceeded } from './limit-error.ts'
import type { Limits } from './limits.ts'

/** The size of an operation; a fragment counts each time it is spread. */
export interface DocumentSize {
  /** How deep fields are nested; 1 for a field of the root. Introspection counts as a field without fields. */
  readonly depth: number
  readonly aliases: number
  readonly directives: number
}

const NOTHING: DocumentSize = { depth: 0, aliases: 0, directives: 0 }

const ADVICE = {
  depth: ['is', 'fields deep', 'ask for less at once, or continue from the ids in another operation'],
  aliases: ['has', 'aliases', 'ask in several operations'],
  directives: ['has', 'directives', 'leave out fields instead of skipping them by directives'],
} as const

/** A validation rule, so that its result is cached with the document. */
export function documentSizeRule(limits: Limits): ValidationRule {
  return function DocumentSizeRule(context): ASTVisitor {
    return {
      Document(document) {
        const size = documentSize(document)
        for (const limit of ['depth', 'aliases', 'directives'] as const) {
          const [requested, maximum] = [size[limit], limits[limit]]
          if (requested <= maximum) continue
          const [verb, unit, advice] = ADVICE[limit]
          context.reportError(
            limitExceeded({
              limit,
              maximum,
              requested,
              message: `The operation ${verb} ${requested} ${unit}, at most ${maximum} are allowed: ${advice}.`,
            }),
          )
        }
      },
    }
  }
}

/** The greatest of each measure over all operations. Fragments that spread themselves count once. */
export function documentSize({ definitions }: DocumentNode): DocumentSize {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  const known = new Map<string, DocumentSize>()
  let largest = NOTHING
  for (const node of definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue
    const { depth, aliases, directives } = sizeOf(node.selectionSet, fragments, known)
    largest = {
      depth: Math.max(largest.depth, depth),
      aliases: Math.max(largest.aliases, aliases),
      directives: Math.max(largest.directives, directives + (node.directives?.length ?? 0)),
    }
  }
  return largest
}

/** @param known  the fragments measured so far: each is measured only once */
function sizeOf(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  known: Map<string, DocumentSize>,
): DocumentSize {
  let { depth, aliases, directives } = NOTHING
  for (const node of selections) {
    const inner = innerOf(node, fragments, known)
    const isField = node.kind === Kind.FIELD
    depth = Math.max(depth, inner.depth + (isField ? 1 : 0))
    aliases += inner.aliases + (isField && node.alias ? 1 : 0)
    directives += inner.directives + (node.directives?.length ?? 0)
  }
  return { depth, aliases, directives }
}

function innerOf(
  node: SelectionSetNode['selections'][number],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  known: Map<string, DocumentSize>,
): DocumentSize {
  if (node.kind !== Kind.FRAGMENT_SPREAD) {
    if (!node.selectionSet) return NOTHING
    const size = sizeOf(node.selectionSet, fragments, known)
    // graphql has its own rule for the depth of introspection.
    return node.kind === Kind.FIELD && node.name.value.startsWith('__') ? { ...size, depth: 0 } : size
  }
  const name = node.name.value
  const measured = known.get(name)
  if (measured !== undefined) return measured
  const fragment = fragments.get(name)
  if (fragment === undefined) return NOTHING
  // In case it spreads itself, which graphql rejects.
  known.set(name, NOTHING)
  const size = sizeOf(fragment.selectionSet, fragments, known)
  known.set(name, size)
  return size
}
