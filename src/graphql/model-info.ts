import type { HeldOutQuality, ListQuality } from '../model/blend-weights.ts'
import { INTEREST_SOURCES, LEARNED_SOURCES } from '../model/blend-weights.ts'
import type { CustomerFeature } from '../model/customer-features.ts'
import { CUSTOMER_FEATURES } from '../model/customer-features.ts'
import type {
  EvaluatedTrial,
  MeasuredMean as Mean,
  MeasuresAtK as Measures,
  RecordedMeasure,
  MeasuredSystem as System,
  EvaluationSummary,
} from '../model/evaluation-summary.ts'
import type { SegmentProfile as Profile, ItemSide } from '../model/model.ts'
import { builder } from './builder.ts'
import { CustomerFeatures } from './customer.ts'

const EvaluationProtocol = builder.enumType('EvaluationProtocol', {
  description: 'How the data was divided into training and held-out purchases.',
  values: {
    TEMPORAL: {
      value: 'temporal',
      description:
        'At a moment in time: trained on the purchases before it; what known customers bought from then on was ' +
        'held out. The only protocol that never trains on the future.',
    },
    LAST_ORDER: {
      value: 'last-order',
      description:
        'The last order of every customer with several orders was held out. Training includes later ' +
        'purchases of other customers.',
    },
    BASKET: {
      value: 'basket',
      description:
        'One product of each order with several was held out, to be found from the others without knowing ' +
        'the customer.',
    },
    HOLD_OUT_USERS: {
      value: 'hold-out-users',
      description:
        "Some customers were left out of training; a random part of each one's purchases was held out, to " +
        'be found from the rest.',
    },
  } as const,
})

const EvaluationTask = builder.enumType('EvaluationTask', {
  description: 'Which held-out products counted.',
  values: {
    DISCOVERY: {
      value: 'discovery',
      description: 'Only products that the customer had not bought before; lists held no others.',
    },
    NEXT_ORDER: {
      value: 'next-order',
      description: 'All products, bought before or not, as with `includePurchased`.',
    },
  } as const,
})

const EvaluationTrial = builder.objectRef<EvaluatedTrial>('EvaluationTrial').implement({
  description: 'One division of the data into training and held-out purchases.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'Its name; under TEMPORAL the moment of the cut, in UTC.',
    }),
    cases: t.exposeInt('cases', { description: 'Number of lists made.' }),
    customers: t.exposeInt('customers', {
      description: 'Number of different customers; an unknown one counts once for each list.',
    }),
  }),
})

const MeasuredMean = builder.objectRef<Mean>('MeasuredMean').implement({
  description: 'A mean over all lists of an evaluation and its confidence interval; each 0 to 1.',
  fields: (t) => ({
    value: t.exposeFloat('value', { description: 'The mean.' }),
    low: t.exposeFloat('low', { description: 'The lower end of the interval.' }),
    high: t.exposeFloat('high', { description: 'The upper end of the interval.' }),
  }),
})

const MeasuresAtK = builder.objectRef<Measures>('MeasuresAtK').implement({
  description: 'The quality of the lists, counting only their first K products.',
  fields: (t) => {
    const measure = (name: RecordedMeasure, description: string) =>
      t.field({ type: MeasuredMean, description, resolve: (measures) => measures[name] })
    return {
      k: t.exposeInt('k', { description: 'The number of products counted, from the top.' }),
      hitRate: measure('hitRate', 'The share of lists with at least one hit.'),
      recall: measure('recall', 'Hits over held-out products.'),
      recallTruncated: measure(
        'recallTruncated',
        'Hits over the most hits possible in K products: 1 if every product of the list is a hit.',
      ),
      precision: measure('precision', 'Hits over K.'),
      ndcg: measure(
        'ndcg',
        'Hits discounted by the logarithm of their rank, over the same for the best possible list.',
      ),
      mrr: measure('mrr', 'One over the rank of the first hit; 0 without a hit.'),
      map: measure('map', 'The precision at the rank of each hit, averaged over the most hits possible.'),
      coverage: t.exposeFloat('coverage', {
        description: 'The share of the catalogue that is in at least one list, 0 to 1.',
      }),
    }
  },
})

const MeasuredSystem = builder.objectRef<System>('MeasuredSystem').implement({
  description: 'Another recommender, evaluated on the same cases.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name in the report.' }),
    measures: t.field({
      type: [MeasuresAtK],
      description: 'Its measures, one entry for each K, ascending.',
      resolve: ({ measures }) => measures,
    }),
  }),
})

const Evaluation = builder.objectRef<EvaluationSummary>('Evaluation').implement({
  description:
    "How well lists by the model's configuration found what customers bought next. Measured on models of " +
    'the same configuration, trained on a part of the data; not on this model, which was trained on all ' +
    'of it.',
  fields: (t) => ({
    protocol: t.expose('protocol', {
      type: EvaluationProtocol,
      description: 'How the data was divided into training and held-out purchases.',
    }),
    task: t.expose('task', { type: EvaluationTask, description: 'Which held-out products counted.' }),
    trials: t.field({
      type: [EvaluationTrial],
      description: 'The divisions of the data. The measures are over the lists of all of them.',
      resolve: ({ trials }) => trials,
    }),
    cases: t.exposeInt('cases', {
      description: 'Number of lists in all trials: in each, one for every customer or basket.',
    }),
    customers: t.exposeInt('customers', {
      description: 'Number of different customers in all trials; an unknown one counts once for each list.',
    }),
    products: t.exposeInt('products', {
      description: 'Number of products ranked for each list: all of them, never a sample.',
    }),
    level: t.exposeFloat('level', {
      description: 'The confidence level of the intervals: 0.95. They come from resampling customers.',
    }),
    measures: t.field({
      type: [MeasuresAtK],
      description: "The measures of the model's configuration, one entry for each K, ascending.",
      resolve: ({ measures }) => measures,
    }),
    systems: t.exposeStringList('systems', {
      description: "The names of all systems that were evaluated; `default` is the model's configuration.",
    }),
    bestOther: t.expose('bestOther', {
      type: MeasuredSystem,
      nullable: true,
      description:
        'The other system with the highest nDCG at K = 10, or at the nearest lower K. Null if no other ' +
        'was evaluated.',
    }),
    notes: t.exposeStringList('notes', {
      description: 'What a reader of the measures must know, from the evaluation report.',
    }),
    evaluatedWith: t.exposeString('evaluatedWith', {
      description: 'The version of Rationale that ran the evaluation.',
    }),
  }),
})

const SegmentProfile = builder.objectRef<Profile>('SegmentProfile').implement({
  description: 'A group of similar customers.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the group.' }),
    customers: t.exposeInt('customers', { description: 'Number of customers in it.' }),
    share: t.float({
      description: 'Its share of all customers that have a segment, 0 to 1.',
      resolve: ({ customers }, _args, { recommender: { model } }) =>
        customers / (model.segmentProfiles.reduce((sum, profile) => sum + profile.customers, 0) || 1),
    }),
    profile: t.field({
      type: CustomerFeatures,
      description: "The means of its customers' features.",
      resolve: ({ means }) =>
        Object.fromEntries(CUSTOMER_FEATURES.map((feature) => [feature, means[feature] ?? null])) as Record<
          CustomerFeature,
          number | null
        >,
    }),
  }),
})

builder.queryField('segments', (t) =>
  t.field({
    type: [SegmentProfile],
    description:
      "The customer segments: given by the shop, or found by k-means over customers' features. Needs an " +
      'API key of scope `read`.',
    // The means of a segment of one customer are that customer's own features.
    authScopes: { read: true },
    resolve: (_root, _args, { recommender }) => recommender.model.segmentProfiles,
  }),
)

const SourceWeight = builder
  .objectRef<{ source: string; discovery: number; basket: number; nextOrder: number }>('SourceWeight')
  .implement({
    description: 'The weight of one source in the hybrid score.',
    fields: (t) => ({
      source: t.exposeString('source', { description: 'The source, named as in `ScoreBreakdown`.' }),
      discovery: t.exposeFloat('discovery', {
        description: 'The weight in lists without products bought before.',
      }),
      basket: t.exposeFloat('basket', {
        description:
          'The weight in lists without products bought before, for a history of which something was bought within a ' +
          'day, or at an unknown time.',
      }),
      nextOrder: t.exposeFloat('nextOrder', {
        description: 'The weight in lists that may hold products bought before (`includePurchased`).',
      }),
    }),
  })

const HeldOutSystem = builder.objectRef<{ readonly name: string } & ListQuality>('HeldOutSystem').implement({
  description: 'How well lists of ten predicted orders that were held out of training.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The word `blend`, or the name of one source alone.' }),
    ndcg10: t.exposeFloat('ndcg10', { description: 'Mean nDCG @10, 0 to 1.' }),
    hitRate10: t.exposeFloat('hitRate10', {
      description:
        'The share of customers whose list contains at least one product of their held-out orders, 0 to 1.',
    }),
  }),
})

/** Orders say nothing of what was viewed or is in the cart. */
const JUDGED_SOURCES = LEARNED_SOURCES.filter((source) => INTEREST_SOURCES.every((other) => other !== source))

const HeldOutComparison = builder.objectRef<HeldOutQuality>('HeldOutComparison').implement({
  description: 'Why the weights are as they are: what predicted held-out orders best, for one kind of list.',
  fields: (t) => ({
    customers: t.exposeInt('customers', { description: 'Customers with something to find.' }),
    served: t.exposeString('served', {
      description:
        'What did best and is served: blend, or one source alone, with a little popularity to fill its lists.',
    }),
    systems: t.field({
      type: [HeldOutSystem],
      description:
        'The blend, then each source alone that knows purchases. The blend is judged on customers it was not fitted on.',
      resolve: ({ blend, sources }) => [
        { name: 'blend', ...blend },
        ...JUDGED_SOURCES.map((name) => ({
          name,
          ndcg10: sources[name].ndcg10,
          hitRate10: sources[name].hitRate10,
        })),
      ],
    }),
  }),
})

const ModelInfo = builder.objectRef<ItemSide>('ModelInfo').implement({
  description: 'The model now serving: what it was trained on, and how.',
  fields: (t) => ({
    version: t.exposeString('version', {
      description: 'Its version: the same model file has the same version.',
    }),
    preset: t.string({
      description: 'The preset that its configuration is based on.',
      resolve: ({ summary }) => summary.configuration.preset,
    }),
    factors: t.int({
      description: 'The number of factors: the rank of the factorisation.',
      resolve: ({ summary }) => summary.configuration.factors,
    }),
    regularization: t.float({
      description: 'The regularization λ.',
      resolve: ({ summary }) => summary.configuration.regularization,
    }),
    alpha: t.float({
      description: 'The confidence parameter α: how much more a purchase weighs than none.',
      resolve: ({ summary }) => summary.configuration.alpha,
    }),
    confidence: t.string({
      description: 'How α turns a purchase count into confidence: hu-koren-volinsky, implicit or ials.',
      resolve: ({ summary }) => summary.configuration.confidence,
    }),
    frequencyExponent: t.float({
      description: 'The exponent ν by which λ grows with the number of purchases; 0 for no growth.',
      resolve: ({ summary }) => summary.configuration.frequencyExponent,
    }),
    engine: t.string({
      nullable: true,
      description: 'What fitted the factors, such as spark 4.3.0. Null: Rationale itself.',
      resolve: ({ summary: { engine } }) => engine && `${engine.name} ${engine.version}`,
    }),
    regularizationScale: t.string({
      description:
        'What λ of a customer or product is multiplied by: constant, nothing; entries, the number of its purchases, as ' +
        'Spark does.',
      resolve: ({ summary }) => summary.configuration.regularizationScale,
    }),
    content: t.string({
      description: 'The encoding of content features: one-hot or label-encoded.',
      resolve: ({ summary }) => summary.configuration.content,
    }),
    iterations: t.int({
      description: 'Number of training iterations.',
      resolve: ({ summary }) => summary.configuration.iterations,
    }),
    loss: t.float({
      description: 'The training loss after the last iteration.',
      resolve: ({ summary }) => summary.loss,
    }),
    customers: t.int({
      description: 'Number of customers with at least one purchase.',
      resolve: ({ summary }) => summary.customers,
    }),
    products: t.int({
      description: 'Number of products in the catalogue, sold or not.',
      resolve: ({ summary }) => summary.products,
    }),
    interactions: t.int({
      description: "Number of line items in the shop's orders.",
      resolve: ({ summary }) => summary.interactions,
    }),
    dataFingerprint: t.string({
      description: 'SHA-256 of the training data: models of the same data have the same fingerprint.',
      resolve: ({ summary }) => summary.dataFingerprint,
    }),
    kernelVariant: t.string({
      description: 'The build of the numerical core that trained it.',
      resolve: ({ summary }) => summary.kernelVariant,
    }),
    lossByIteration: t.field({
      type: ['Float'],
      description: 'The training loss after each iteration, first to last.',
      resolve: ({ summary }) => [...summary.lossByIteration],
    }),
    blend: t.string({
      description: 'How sources are blended into the hybrid score: learned or notebook.',
      resolve: ({ summary }) => summary.configuration.blend,
    }),
    sourceWeights: t.field({
      type: [SourceWeight],
      description:
        'The weight of each source, in the order of the blend. A blend that was not learned has the same ' +
        'weight for every kind of list.',
      resolve: ({ summary: { configuration, blendWeights } }) =>
        blendWeights
          ? LEARNED_SOURCES.map((source) => ({
              source,
              discovery: blendWeights.discovery[source],
              basket: blendWeights.basket[source],
              nextOrder: blendWeights.nextOrder[source],
            }))
          : Object.entries(configuration.weights).map(([source, weight]) => ({
              source,
              discovery: weight,
              basket: weight,
              nextOrder: weight,
            })),
    }),
    heldOutDiscovery: t.field({
      type: HeldOutComparison,
      nullable: true,
      description:
        'How well lists of products not bought before did in training. Null where the weights were not fitted.',
      resolve: ({ summary }) => summary.blendWeights?.heldOut?.discovery ?? null,
    }),
    heldOutBasket: t.field({
      type: HeldOutComparison,
      nullable: true,
      description:
        'How well lists of what goes with a basket did in training. Null where there were too few baskets, and the ' +
        'weights are those of discovery.',
      resolve: ({ summary }) => summary.blendWeights?.heldOut?.basket ?? null,
    }),
    heldOutNextOrder: t.field({
      type: HeldOutComparison,
      nullable: true,
      description:
        'How well lists that may hold products bought before did in training. Null where the weights were not fitted.',
      resolve: ({ summary }) => summary.blendWeights?.heldOut?.nextOrder ?? null,
    }),
    // A seed may be greater than an Int can hold.
    seed: t.float({
      description: 'The seed of the random draws in training; a whole number.',
      resolve: ({ summary }) => summary.configuration.seed,
    }),
    latestPurchaseAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: "The time of the latest purchase in its data. Null if the shop's data has no times.",
      resolve: (_model, _args, { recommender: { latestPurchase } }) =>
        latestPurchase === null ? null : new Date(latestPurchase),
    }),
    servingSince: t.field({
      type: 'DateTime',
      description: 'When this server began to serve it.',
      resolve: (_model, _args, { recommender }) => recommender.openedAt,
    }),
    segments: t.field({
      type: [SegmentProfile],
      description: 'Its customer segments. Needs an API key of scope `read`.',
      authScopes: { read: true },
      resolve: ({ segmentProfiles }) => segmentProfiles,
    }),
    evaluations: t.field({
      type: [Evaluation],
      description:
        'How well its configuration predicts purchases: written into the model file by `rationale ' +
        'evaluate --record`, one for each protocol and task. Empty if this was never run.',
      resolve: ({ summary }) => summary.evaluations ?? [],
    }),
  }),
})

builder.queryField('modelInfo', (t) =>
  t.field({
    type: ModelInfo,
    description: 'The model now serving.',
    resolve: (_root, _args, { recommender }) => recommender.model,
  }),
)
