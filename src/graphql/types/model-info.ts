import { LEARNED_SOURCES } from '../../model/blend-weights.ts'
import type { Model } from '../../model/model.ts'
import { builder } from '../builder.ts'
import { Evaluation } from './evaluation.ts'
import { SegmentProfile } from './segment-profile.ts'

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
