/**
 * Weights by conditional logit (McFadden 1974): that the product chosen from a set C is j has the probability
 *
 *   P(j | C) = exp(w·x_j) / Σ_{k ∈ C} exp(w·x_k)
 *
 * and the weights are those of the greatest
 *
 *   Σ_C ln P(j_C | C) − ½ λ ‖w − w⁰‖²   with every w ≥ 0
 *
 * a concave function: Newton's method, each step's quadratic minimised within the bounds by coordinate descent. The
 * second term is a normal prior about w⁰ of the precision λ: it decides where the choices do not.
 *
 * Legend: x_j the K calibrated values of product j; H, g the Hessian and gradient, signs turned for a minimum.
 */

/** What one customer could choose from, and what they chose. */
export interface Choice {
  /** n × K, row-major. */
  readonly values: Float64Array
  /** The rows chosen, at least one; each counts 1/their number. */
  readonly chosen: readonly number[]
}

const MOST_STEPS = 50
const CONVERGED = 1e-9

/**
 * @param prior  w⁰ ≥ 0, K of them
 * @param precision  λ > 0
 */
export function fitConditionalLogit(
  choices: readonly Choice[],
  prior: readonly number[],
  precision: number,
): number[] {
  let weights = Float64Array.from(prior)
  let loss = lossOf(choices, weights, prior, precision)
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, hessian } = derivatives(choices, weights, prior, precision)
    const change = boundedStep(weights, gradient, hessian)
    if (Math.max(...change.map(Math.abs)) < CONVERGED) break
    // Newton's step may overshoot far from the optimum: it is halved until the loss falls.
    let next = weights.map((w, k) => Math.max(0, w + change[k]))
    let nextLoss = lossOf(choices, next, prior, precision)
    for (let part = 0.5; nextLoss > loss && part > 1e-6; part /= 2) {
      next = weights.map((w, k) => Math.max(0, w + part * change[k]))
      nextLoss = lossOf(choices, next, prior, precision)
    }
    if (!(nextLoss < loss)) break
    weights = next
    loss = nextLoss
  }
  return [...weights]
}

function lossOf(
  choices: readonly Choice[],
  w: Float64Array,
  prior: readonly number[],
  precision: number,
): number {
  let loss = 0
  for (const choice of choices) {
    const { scores, logTotal } = scoresOf(choice, w)
    for (const row of choice.chosen) loss += (logTotal - scores[row]) / choice.chosen.length
  }
  return w.reduce((sum, value, k) => sum + (precision / 2) * (value - prior[k]) ** 2, loss)
}

/** w·x of every row, and ln Σ exp of them. */
function scoresOf({ values }: Choice, w: Float64Array): { scores: Float64Array; logTotal: number } {
  const K = w.length
  const scores = new Float64Array(values.length / K)
  let most = -Infinity
  for (let row = 0; row < scores.length; row++) {
    for (let k = 0; k < K; k++) scores[row] += w[k] * values[row * K + k]
    most = Math.max(most, scores[row])
  }
  let total = 0
  for (const score of scores) total += Math.exp(score - most)
  return { scores, logTotal: most + Math.log(total) }
}

function derivatives(
  choices: readonly Choice[],
  w: Float64Array,
  prior: readonly number[],
  precision: number,
) {
  const K = w.length
  const gradient = w.map((value, k) => precision * (value - prior[k]))
  const hessian = new Float64Array(K * K)
  for (let k = 0; k < K; k++) hessian[k * K + k] = precision
  for (const choice of choices) {
    const { scores, logTotal } = scoresOf(choice, w)
    const { values } = choice
    const mean = new Float64Array(K)
    // E[x xᵀ] − E[x] E[x]ᵀ about a value of the set, not about 0: nothing cancels where all values are alike.
    const centre = values.subarray(0, K)
    for (let row = 0; row < scores.length; row++) {
      const p = Math.exp(scores[row] - logTotal)
      for (let a = 0; a < K; a++) {
        const x = values[row * K + a] - centre[a]
        mean[a] += p * x
        for (let b = 0; b <= a; b++) hessian[a * K + b] += p * x * (values[row * K + b] - centre[b])
      }
    }
    for (let a = 0; a < K; a++) {
      gradient[a] += mean[a] + centre[a]
      for (let b = 0; b <= a; b++) hessian[a * K + b] -= mean[a] * mean[b]
      for (const row of choice.chosen) gradient[a] -= values[row * K + a] / choice.chosen.length
    }
  }
  for (let a = 0; a < K; a++) for (let b = 0; b < a; b++) hessian[b * K + a] = hessian[a * K + b]
  return { gradient, hessian }
}

/** The d that minimises g·d + ½ dᵀHd with w + d ≥ 0, one coordinate after the other until none moves. */
function boundedStep(w: Float64Array, gradient: Float64Array, hessian: Float64Array): Float64Array {
  const K = w.length
  const change = new Float64Array(K)
  for (let sweep = 0; sweep < 1000; sweep++) {
    let moved = 0
    for (let a = 0; a < K; a++) {
      let slope = gradient[a]
      for (let b = 0; b < K; b++) if (b !== a) slope += hessian[a * K + b] * change[b]
      const next = Math.max(-w[a], -slope / hessian[a * K + a])
      moved = Math.max(moved, Math.abs(next - change[a]))
      change[a] = next
    }
    if (moved < CONVERGED / 10) break
  }
  return change
}
