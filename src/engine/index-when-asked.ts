import type { CosineIndex } from '../kernels/kernels.ts'
import { inPieces, type Pieces } from '../kernels/pieces.ts'

/** An index that is made when it is first asked for. */
export interface IndexWhenAsked extends CosineIndex {
  open(): Promise<void>
}

/**
 * An index that is made by its first search, or before it: in pieces that let others have their turn, and that are counted
 * for nobody, since all searches use it. If that fails, the next search tries again.
 */
export function indexWhenAsked(openIndex: () => Pieces<CosineIndex>): IndexWhenAsked {
  let index: CosineIndex | undefined
  let opening: Promise<void> | undefined
  async function make(): Promise<void> {
    index ??= await inPieces(openIndex())
  }
  const open = () =>
    (opening ??= make().catch((cause) => {
      opening = undefined
      throw cause
    }))
  return {
    open,
    async topK(query) {
      await open()
      return index!.topK(query)
    },
    close: () => index?.close(),
  }
}
