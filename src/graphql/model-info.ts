import { LEARNED_SOURCES } from '../model/blend-weights.ts'
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
import type { SegmentProfile as Profile, Model } from '../model/model.ts'
import { builder } from './builder.ts'
import { CustomerFeatures } from './customer.ts'

const EvaluationProtocol = builder.enumType('EvaluationProtocol', {
  description: 'How the data was divided into what to learn from and what to find.',
  values: {
    TEMPORAL: {
      value: 'temporal',
      description:
        'At a moment: learnt was what had been bought before it, to be found what known customers bought from then on. ' +
        'The one that sees no future.',
    },
    LAST_ORDER: {
      value: 'last-order',
      description:
        "The last order of every customer with several was to be found; others' later purchases were learnt from.",
    },
    BASKET: {
      value: 'basket',
      description:
        'One product of each order with several was to be found by the others, its customer unknown.',
    },
    HOLD_OUT_USERS: {
      value: 'hold-out-users',
      description:
        'Customers that nothing was learnt from: a part of what each bought, chosen by chance, was to be found by the rest.',
    },
  } as const,
})

const EvaluationTask = builder.enumType('EvaluationTask', {
  description: 'What counted as found.',
  values: {
    DISCOVERY: {
      value: 'discovery',
      description: 'Only what the customer had not bought before, which was all that lists could hold.',
    },
    NEXT_ORDER: {
      value: 'next-order',
      description: 'Anything, bought before or not, as with `includePurchased`.',
    },
  } as const,
})

const EvaluationTrial = builder.objectRef<EvaluatedTrial>('EvaluationTrial').implement({
  description: 'One division of the data into what to learn from and what to find.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'What it is called: under TEMPORAL the moment of the cut, in UTC.',
    }),
    cases: t.exposeInt('cases', { description: 'Lists asked for.' }),
    customers: t.exposeInt('customers', {
      description: 'Different customers asked about; unknown ones count one a list.',
    }),
  }),
})

const MeasuredMean = builder.objectRef<Mean>('MeasuredMean').implement({
  description: 'A mean over all lists of an evaluation, and how sure it is; each from 0 to 1.',
  fields: (t) => ({
    value: t.exposeFloat('value', { description: 'The mean.' }),
    low: t.exposeFloat('low', { description: 'The lower end of its interval.' }),
    high: t.exposeFloat('high', { description: 'The upper end of its interval.' }),
  }),
})

const MeasuresAtK = builder.objectRef<Measures>('MeasuresAtK').implement({
  description: 'How good lists were where only the K products at their top count.',
  fields: (t) => {
    const measure = (name: RecordedMeasure, description: string) =>
      t.field({ type: MeasuredMean, description, resolve: (measures) => measures[name] })
    return {
      k: t.exposeInt('k', { description: 'K.' }),
      hitRate: measure('hitRate', 'The share of lists that found anything.'),
      recall: measure('recall', 'What was found, over all that was to be found.'),
      recallTruncated: measure(
        'recallTruncated',
        'What was found, over all that K products could have: a list of hits only is 1.',
      ),
      precision: measure('precision', 'What was found, over K.'),
      ndcg: measure('ndcg', 'Hits discounted by the logarithm of their rank, over those of the best list.'),
      mrr: measure('mrr', 'One over the rank of the first hit; 0 where there was none.'),
      map: measure('map', 'The precisions at the ranks of the hits, averaged over all that could be found.'),
      coverage: t.exposeFloat('coverage', {
        description: 'The share of the catalogue that stood in any of the lists, 0 to 1.',
      }),
    }
  },
})

const MeasuredSystem = builder.objectRef<System>('MeasuredSystem').implement({
  description: 'Another way to recommend that was evaluated beside, on the same lists.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What the report calls it.' }),
    measures: t.field({
      type: [MeasuresAtK],
      description: 'Its figures, one entry for each K, ascending.',
      resolve: ({ measures }) => measures,
    }),
  }),
})

const Evaluation = builder.objectRef<EvaluationSummary>('Evaluation').implement({
  description:
    "How well lists by the model's configuration found what customers went on to buy. Measured were models of that " +
    "configuration which had learnt from a part of the model's data, never the model itself, which has seen all of it.",
  fields: (t) => ({
    protocol: t.expose('protocol', {
      type: EvaluationProtocol,
      description: 'How the data was divided into what to learn from and what to find.',
    }),
    task: t.expose('task', { type: EvaluationTask, description: 'What counted as found.' }),
    trials: t.field({
      type: [EvaluationTrial],
      description: 'The divisions, whose lists are pooled.',
      resolve: ({ trials }) => trials,
    }),
    cases: t.exposeInt('cases', {
      description: 'Lists asked for in all trials together: one a customer, or a basket, in each.',
    }),
    customers: t.exposeInt('customers', {
      description: 'Different customers asked about in all trials together; unknown ones count one a list.',
    }),
    products: t.exposeInt('products', { description: 'Products that were ranked: all, never a sample.' }),
    level: t.exposeFloat('level', {
      description: 'The part of the resamples of customers that an interval holds: 0.95.',
    }),
    measures: t.field({
      type: [MeasuresAtK],
      description: "The figures of the model's configuration, one entry for each K, ascending.",
      resolve: ({ measures }) => measures,
    }),
    systems: t.exposeStringList('systems', {
      description: "Everything that was evaluated, by name; the model's configuration is `default`.",
    }),
    bestOther: t.expose('bestOther', {
      type: MeasuredSystem,
      nullable: true,
      description:
        'Of the other systems the one with the highest nDCG at K = 10, or at the nearest K below. Null where none was ' +
        'evaluated beside.',
    }),
    notes: t.exposeStringList('notes', {
      description: 'What readers of the figures have to know, as whoever evaluated put it.',
    }),
    evaluatedWith: t.exposeString('evaluatedWith', {
      description: 'The version of Rationale that evaluated.',
    }),
  }),
})

const SegmentProfile = builder.objectRef<Profile>('SegmentProfile').implement({
  description: 'A group of like customers.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What the group is called.' }),
    customers: t.exposeInt('customers', { description: 'How many customers belong to it.' }),
    share: t.float({
      description: 'Its part of all customers who belong to any, 0 to 1.',
      resolve: ({ customers }, _args, { recommender: { model } }) =>
        customers / (model.segmentProfiles.reduce((sum, profile) => sum + profile.customers, 0) || 1),
    }),
    profile: t.field({
      type: CustomerFeatures,
      description: 'What its customers are like: the means of their features.',
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
      'The groups that the customers fall into: given by the shop, or found by k-means over their features. Takes ' +
      'an API key of scope `read`.',
    // Of a group of one the means are that customer's.
    authScopes: { read: true },
    resolve: (_root, _args, { recommender }) => recommender.model.segmentProfiles,
  }),
)

const SourceWeight = builder
  .objectRef<{ source: string; discovery: number; nextOrder: number }>('SourceWeight')
  .implement({
    description: 'What one source of evidence counts for in the hybrid score.',
    fields: (t) => ({
      source: t.exposeString('source', { description: 'The source, as `ScoreBreakdown` names it.' }),
      discovery: t.exposeFloat('discovery', {
        description: 'In lists without what was bought before.',
      }),
      nextOrder: t.exposeFloat('nextOrder', {
        description: 'In lists with it (`includePurchased`).',
      }),
    }),
  })

const ModelInfo = builder.objectRef<Model>('ModelInfo').implement({
  description: 'The model that is serving: what it was trained on, and how.',
  fields: (t) => ({
    version: t.exposeString('version', { description: 'Its name: the same bytes have the same version.' }),
    preset: t.string({
      description: 'The preset that its configuration started from.',
      resolve: ({ summary }) => summary.configuration.preset,
    }),
    factors: t.int({
      description: 'The rank of the factorisation.',
      resolve: ({ summary }) => summary.configuration.factors,
    }),
    regularization: t.float({
      description: 'The regularisation λ.',
      resolve: ({ summary }) => summary.configuration.regularization,
    }),
    alpha: t.float({
      description: 'The α of the confidence in a purchase.',
      resolve: ({ summary }) => summary.configuration.alpha,
    }),
    confidence: t.string({
      description: 'How α makes confidence out of a purchase count: hu-koren-volinsky, implicit or ials.',
      resolve: ({ summary }) => summary.configuration.confidence,
    }),
    frequencyExponent: t.float({
      description: 'The exponent ν by which λ grows with how often a customer bought; 0: not at all.',
      resolve: ({ summary }) => summary.configuration.frequencyExponent,
    }),
    content: t.string({
      description: 'How content features are made: one-hot or label-encoded.',
      resolve: ({ summary }) => summary.configuration.content,
    }),
    iterations: t.int({
      description: 'How many full iterations it was trained for.',
      resolve: ({ summary }) => summary.configuration.iterations,
    }),
    loss: t.float({
      description: 'The training loss after the last iteration.',
      resolve: ({ summary }) => summary.loss,
    }),
    customers: t.int({
      description: 'Customers with at least one purchase.',
      resolve: ({ summary }) => summary.customers,
    }),
    products: t.int({
      description: 'Products of the catalogue, sold or not.',
      resolve: ({ summary }) => summary.products,
    }),
    interactions: t.int({
      description: "Line items of the shop's orders.",
      resolve: ({ summary }) => summary.interactions,
    }),
    dataFingerprint: t.string({
      description: 'SHA-256 over the data: models of the same data have the same.',
      resolve: ({ summary }) => summary.dataFingerprint,
    }),
    kernelVariant: t.string({
      description: 'Which build of the numerical core trained it.',
      resolve: ({ summary }) => summary.kernelVariant,
    }),
    lossByIteration: t.field({
      type: ['Float'],
      description: 'The training loss after each full iteration, the first to the last.',
      resolve: ({ summary }) => [...summary.lossByIteration],
    }),
    blend: t.string({
      description: 'How sources are blended into one score: learned, every-candidate or notebook.',
      resolve: ({ summary }) => summary.configuration.blend,
    }),
    sourceWeights: t.field({
      type: [SourceWeight],
      description:
        'What each source counts for, in the order of the blend; a blend that is not learnt has one weight for both tasks.',
      resolve: ({ summary: { configuration, blendWeights } }) =>
        blendWeights
          ? LEARNED_SOURCES.map((source) => ({
              source,
              discovery: blendWeights.discovery[source],
              nextOrder: blendWeights.nextOrder[source],
            }))
          : Object.entries(configuration.weights).map(([source, weight]) => ({
              source,
              discovery: weight,
              nextOrder: weight,
            })),
    }),
    // Seeds go beyond what an Int holds.
    seed: t.float({
      description: 'The seed of everything drawn in training, a whole number.',
      resolve: ({ summary }) => summary.configuration.seed,
    }),
    latestPurchaseAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'The latest purchase that it knows: how old its data is. Null where the shop states no times.',
      resolve: (_model, _args, { recommender: { latestPurchase } }) =>
        latestPurchase === null ? null : new Date(latestPurchase),
    }),
    servingSince: t.field({
      type: 'DateTime',
      description: 'Since when it answers here.',
      resolve: (_model, _args, { recommender }) => recommender.openedAt,
    }),
    segments: t.field({
      type: [SegmentProfile],
      description: 'The groups that its customers fall into. Takes an API key of scope `read`.',
      authScopes: { read: true },
      resolve: ({ segmentProfiles }) => segmentProfiles,
    }),
    evaluations: t.field({
      type: [Evaluation],
      description:
        'How well its configuration foresees purchases: what `rationale evaluate --record` left in the model file, one ' +
        'of each protocol and task. Empty where it was never run.',
      resolve: ({ summary }) => summary.evaluations ?? [],
    }),
  }),
})

builder.queryField('modelInfo', (t) =>
  t.field({
    type: ModelInfo,
    description: 'The model that is serving.',
    resolve: (_root, _args, { recommender }) => recommender.model,
  }),
)
