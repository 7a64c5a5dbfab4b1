import { checkCsr, checkDense, checkEquation, notPositiveDefinite } from './checks.ts'
import { type Csr, type DenseMatrix, type FoldIn, KernelError, type NormalEquation } from './kernels.ts'
import { baseRegularization, regularizationExcess } from './regularization.ts'
import { Arena } from './wasm-arena.ts'
import { SUMMED_TOGETHER } from './wasm-gram.ts'
import { padded, padRows } from './wasm-layout.ts'

/**
 * `Kernels.openFoldIn` in the core: the change of basis stays resident. Of the items' factors, which stay the caller's, those
 * that histories hold are copied and transformed for each call: it costs f²/2 multiplications an item, and all of them would
 * take as much memory as the factors themselves.
 */
export function openFoldIn(
  module: WebAssembly.Module,
  itemFactors: DenseMatrix,
  equation: NormalEquation,
): FoldIn {
  checkDense(itemFactors, 'itemFactors')
  checkEquation(equation)
  const { rows: items, columns: factors } = itemFactors
  const f = padded(factors)
  const rowsOf = (from: number, to: number) => itemFactors.data.subarray(from * factors, to * factors)
  const purpose = {
    what: `a fold-in of histories into ${items} items × ${factors} factors`,
    advice: 'use fewer factors, or ask for fewer customers at once',
  }
  const arena = new Arena(module, purpose)
  const { exports } = arena
  const [toZ, fromZ, toPlain, toSolve] = Array.from({ length: 4 }, () => arena.allocate(f * f * 4))
  const shift = equation.frequencyExponent === 0 ? 0 : arena.allocate(f * 4)
  const scratch = arena.allocate(exports.rowScratch(f) * 4)
  const isDefinite = arena.scratch(() => {
    const pieces = Math.max(1, Math.ceil(items / SUMMED_TOGETHER))
    const partials = arena.allocate(pieces * f * f * 4)
    const gram = arena.allocate(factors * factors * 8)
    const work = arena.allocate(exports.factorizeWork(factors))
    // In a memory of its own, which is given back.
    const apart = new Arena(module, purpose)
    const y = apart.allocate(Math.min(items, SUMMED_TOGETHER) * f * 4)
    const sum = apart.allocate(f * f * 4)
    for (let piece = 0; piece < pieces; piece++) {
      const [from, to] = [piece * SUMMED_TOGETHER, Math.min(items, (piece + 1) * SUMMED_TOGETHER)]
      padRows(rowsOf(from, to), factors, apart.floats(y, (to - from) * f))
      apart.exports.gram(y, to - from, f, 0, sum, 0)
      arena.floats(partials + piece * f * f * 4, f * f).set(apart.floats(sum, f * f))
    }
    exports.sumGrams(partials, pieces, factors, f, gram)
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
  const shape = shift === 0 ? exports.UPPER.value : exports.FULL.value

  /** Histories with the items that they hold numbered anew, and the system that has these alone. */
  const putSystem = (histories: Csr) => {
    const places = new Map<number, number>()
    const indices = histories.indices.map((item) => {
      const place = places.get(item) ?? places.size
      if (place === places.size) places.set(item, place)
      return place
    })
    const z = arena.allocate(places.size * f * 4)
    let at = z
    for (const item of places.keys()) {
      padRows(rowsOf(item, item + 1), factors, arena.floats(at, f))
      at += f * 4
    }
    exports.multiplyRows(z, places.size, f, toZ, shape, scratch)
    const system = arena.putSystem({ z, f, multiplicity: 0, shift, spectrum: 0 }, equation)
    return { system, ...arena.putCsr({ ...histories, indices }) }
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
        const { system, indptr, indices, values } = putSystem(histories)
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
        const { system, indices, values } = putSystem(history)
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
