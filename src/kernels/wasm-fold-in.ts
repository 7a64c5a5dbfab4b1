import { checkCsr, checkDense, checkEquation, notPositiveDefinite } from './checks.ts'
import { type Csr, type DenseMatrix, type FoldIn, KernelError, type NormalEquation } from './kernels.ts'
import { baseRegularization, regularizationExcess } from './regularization.ts'
import { Arena } from './wasm-arena.ts'
import { padded } from './wasm-layout.ts'

/** `Kernels.openFoldIn` in the core: the transformed item factors stay resident, with the change of basis. */
export function openFoldIn(
  module: WebAssembly.Module,
  itemFactors: DenseMatrix,
  equation: NormalEquation,
): FoldIn {
  checkDense(itemFactors, 'itemFactors')
  checkEquation(equation)
  const { rows: items, columns: factors } = itemFactors
  const f = padded(factors)
  const arena = new Arena(module, {
    what: `a fold-in of histories into ${items} items × ${factors} factors`,
    advice: 'use fewer factors, or ask for fewer customers at once',
  })
  const { exports } = arena
  const z = arena.putPadded(itemFactors)
  const [toZ, fromZ, toPlain, toSolve] = Array.from({ length: 4 }, () => arena.allocate(f * f * 4))
  const shift = equation.frequencyExponent === 0 ? 0 : arena.allocate(f * 4)
  const system = arena.putSystem({ z, f, multiplicity: 0, shift, spectrum: 0 }, equation)
  const scratch = arena.allocate(exports.rowScratch(f) * 4)
  const isDefinite = arena.scratch(() => {
    const partial = arena.allocate(f * f * 4)
    const gram = arena.allocate(factors * factors * 8)
    const work = arena.allocate(exports.factorizeWork(factors))
    exports.gram(z, items, f, 0, partial, scratch)
    exports.sumGrams(partial, 1, factors, f, gram)
    const base = baseRegularization(equation, items)
    return (
      exports.factorize(
        gram,
        0,
        factors,
        f,
        equation.unobservedWeight,
        base,
        work,
        toZ,
        fromZ,
        toPlain,
        toSolve,
        0,
        shift,
      ) === 0
    )
  })
  if (isDefinite) {
    const shape = shift === 0 ? exports.UPPER : exports.FULL
    exports.multiplyRows(z, items, f, toZ, shape.value, scratch)
  }

  const refuse = (histories: Csr): void => {
    checkCsr(histories, 'histories')
    if (histories.columns !== items) {
      throw new KernelError(`histories: expected ${items} columns, one an item, got ${histories.columns}`)
    }
    const row = histories.indptr.findIndex((end, at) => at > 0 && end > histories.indptr[at - 1]) - 1
    if (!isDefinite && row >= 0) notPositiveDefinite('history', row, equation.regularization)
  }

  const putDeltas = (histories: Csr): number => {
    const excess = regularizationExcess(histories.indptr, items, equation)
    return excess === undefined ? 0 : arena.putFloats(excess)
  }

  return {
    solve(histories) {
      refuse(histories)
      return arena.scratch(() => {
        const { indptr, indices, values } = arena.putCsr(histories)
        const deltas = putDeltas(histories)
        const x = arena.allocate(histories.rows * f * 4)
        const rows = arena.putStructure('Rows', {
          indptr,
          indices,
          values,
          excess: deltas,
          factors: x,
          weights: 0,
        })
        const failed = exports.solveRows(rows, system, 0, histories.rows, toPlain, 0, 0, 0, scratch)
        if (failed !== 0) notPositiveDefinite('history', failed - 1, equation.regularization)
        return arena.takePadded(x, histories.rows, factors)
      })
    },
    contributions(history) {
      refuse(history)
      const entries = history.indices.length
      if (entries === 0) return new Float32Array()
      return arena.scratch(() => {
        const { indices, values } = arena.putCsr(history)
        const delta = regularizationExcess(history.indptr, items, equation)?.[0] ?? 0
        const out = arena.allocate(entries * f * 4)
        const ok = exports.contributions(system, indices, values, entries, delta, toPlain, out, scratch)
        if (!ok) notPositiveDefinite('history', 0, equation.regularization)
        return arena.takePadded(out, entries, factors)
      })
    },
    close() {},
  }
}
