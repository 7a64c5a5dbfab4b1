import type { Model } from '../../model/model.ts'
import { builder } from '../builder.ts'
import { SegmentProfile } from './segment-profile.ts'

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
      description: 'Which body of code computed it.',
      resolve: ({ summary }) => summary.kernelVariant,
    }),
    segments: t.field({
      type: [SegmentProfile],
      description: 'The groups that its customers fall into.',
      resolve: ({ segmentProfiles }) => segmentProfiles,
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
