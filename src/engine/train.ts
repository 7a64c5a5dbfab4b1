import { isDeepStrictEqual } from 'node:util'
import type { Dataset } from '../data/dataset.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { Configuration } from '../model/configuration.ts'
import { changedFields } from '../model/configuration.ts'
import type { FitOptions } from '../model/fit.ts'
import { fitModel } from '../model/fit.ts'
import type { BlendWeights } from '../model/blend-weights.ts'
import { sealModel } from '../model/model-tensors.ts'
import type { Model } from '../model/model.ts'
import {
  itemSideOf,
  sharedOnly,
  withoutHistories as modelWithoutHistories,
} from '../model/without-histories.ts'
import type { Effort } from './choose-als.ts'
import { chooseAls } from './choose-als.ts'
import { chooseEaseRegularization } from './choose-ease.ts'
import { fitInterestWeights } from './fit-interest.ts'
import { fitBlendWeights } from './fit-weights.ts'
import { historiesOf } from './history.ts'
import { fitHalfLife } from './sources/repeat.ts'
import type { TrainingEngine } from './training-engine.ts'
import { holdOut, LEAST_CUSTOMERS } from './validation-split.ts'

/** More customers than this would take time, and change the weights by less than they are known to. */
const MOST_HELD_OUT = 1000

/** How a training is watched and stopped. */
export interface TrainOptions
  extends Omit<FitOptions, 'blendWeights' | 'repeatHalfLife' | 'asked' | 'withoutBaskets' | 'fitted'> {
  /**
   * Leaves customers out of the model: `withoutHistories` of model/without-histories.ts, and the sources are weighed by what
   * it then holds. With `trainedOn` it is `itemSideOf`, whose customers are in that store. Default: false.
   */
  readonly withoutHistories?: boolean
  /** How much is tried to find an ALS that suits the data (choose-als.ts), under the blend `learned`. Default: normal. */
  readonly effort?: Effort
  /** Fits factors and finds partners; settings of ALS are then not searched. Default: our own core. */
  readonly engine?: TrainingEngine
  /** Fields of the configuration that are not searched. So are those that differ from the preset. Default: none. */
  readonly fixed?: readonly (keyof Configuration)[]
}

/**
 * Trains a model. Under the blend `learned`, settings of ALS and EASE are chosen and weights fitted on purchases
 * that are held out, which a first model does not know; then the model is fitted on everything. Weights of what was viewed
 * or put into the cart are fitted on sessions, where the data has enough. Under the blend
 * `notebook` this is `fitModel`. The same data, configuration and kernel variant give the same model, to the byte.
 * @throws {FitError} when there are no purchases
 * @throws {ConfigurationError} when the engine cannot fit the configuration
 * @throws {KernelError} when factors cannot be solved for, or `signal` aborts
 */
export async function trainModel(
  dataset: Dataset,
  configuration: Configuration,
  kernels: Kernels,
  {
    onIteration,
    signal,
    withoutHistories = false,
    effort = 'normal',
    engine,
    fixed = [],
    trainedOn,
    formerSegments,
  }: TrainOptions = {},
): Promise<Model> {
  const isSharedOnly = withoutHistories && trainedOn === undefined
  const kept = (model: Model) =>
    isSharedOnly ? modelWithoutHistories(model) : withoutHistories ? itemSideOf(model) : model
  const split = configuration.blend === 'learned' ? holdOut(dataset, MOST_HELD_OUT) : undefined
  const isEnough = split !== undefined && split.lastOrders.length >= LEAST_CUSTOMERS
  const elsewhere = await engine?.fit({
    dataset,
    ...(isEnough && { split }),
    configuration,
    ...(onIteration && { onIteration }),
    ...(signal && { signal }),
  })
  const report = (fitted: number): FitOptions => ({
    ...(onIteration && {
      onIteration: (done, of) => onIteration(fitted * of + done, isEnough ? 2 * of : of),
    }),
    ...(signal && { signal }),
  })
  /** The weights with those of interest, fitted with a model that does not know what came after the sessions. */
  const withInterest = async (model: Model, weights: BlendWeights) =>
    dataset.browsing ? fitInterestWeights(model, kernels, dataset.browsing, weights, signal) : weights
  const whole = {
    ...(trainedOn && { trainedOn }),
    ...(formerSegments && { formerSegments }),
    ...(elsewhere && { fitted: elsewhere.whole }),
  }
  if (!isEnough) {
    const model = await fitModel(dataset, configuration, kernels, { ...report(0), ...whole })
    const { blendWeights: prior } = model.summary
    if (!prior) return kept(model)
    const blendWeights = await withInterest(isSharedOnly ? sharedOnly(model) : model, prior)
    return kept(sealModel({ ...model, summary: { ...model.summary, blendWeights } }))
  }
  const isFixed = new Set([...fixed, ...changedFields(configuration)])
  const { configuration: withAls } = await chooseAls(split, configuration, kernels, {
    effort: engine ? 'quick' : effort,
    fixed: isFixed,
    ...(signal && { signal }),
  })
  const { easeProducts, easeRegularization } = configuration
  const isEaseChosen = effort !== 'quick' && easeProducts > 0 && !isFixed.has('easeRegularization')
  const chosen: Configuration = {
    ...withAls,
    ...(isEaseChosen && {
      easeRegularization: await chooseEaseRegularization(split, kernels, easeRegularization, signal),
    }),
  }
  const plain = await fitModel(split.train, chosen, kernels, {
    ...report(0),
    withoutBaskets: true,
    ...(elsewhere?.train && { fitted: elsewhere.train }),
  })
  const before = historiesOf(plain).of(split.lastOrders.map(({ customer }) => customer))
  const repeatHalfLife = fitHalfLife(before, split.lastOrders)
  const first = { ...plain, summary: { ...plain.summary, repeatHalfLife } }
  // Finding weights takes this thread, fitting those of the kernels: together they take little more than the longer.
  const weighed = isSharedOnly ? sharedOnly(first) : first
  const findWeights = async () =>
    withInterest(weighed, await fitBlendWeights(weighed, kernels, split, signal))
  const blendWeights = findWeights()
  const fitted = fitModel(dataset, chosen, kernels, {
    ...report(1),
    ...whole,
    blendWeights,
    repeatHalfLife,
    ...(isDeepStrictEqual(chosen, configuration) ? {} : { asked: configuration }),
  })
  // If one fails, the other ends first: nothing of a training runs on after it.
  await Promise.allSettled([fitted, blendWeights])
  return kept(await fitted)
}
