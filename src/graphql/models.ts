/** The models of the store: which one serves and why, training a new one, and going back to a former one. */
import { GraphQLError } from 'graphql'
import { RetrainingError, type Retrainings, type RetrainingStatus } from '../service/retraining.ts'
import type { ModelService } from '../service/model-service.ts'
import type { ModelComparison, RegisteredModel } from '../store/model-registry.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { storeProblem } from './errors.ts'

const ModelState = builder.enumType('ModelState', {
  description: 'What became of a model.',
  values: {
    SERVING: { description: 'Every server of the store answers with it.' },
    RETIRED: { description: 'It served before; `rollbackModel` goes back to the latest of these.' },
    REJECTED: { description: 'It was not promoted, or was rolled back.' },
  } as const,
})

const DifferenceType = builder.objectRef<ModelComparison['difference']>('ModelDifference').implement({
  description: 'A difference of two means, and its 95 % interval.',
  fields: (t) => ({
    value: t.exposeFloat('value', { description: 'The difference.' }),
    low: t.exposeFloat('low', { description: 'The lower end of the interval.' }),
    high: t.exposeFloat('high', { description: 'The upper end of the interval.' }),
  }),
})

const ModelComparisonType = builder.objectRef<ModelComparison>('ModelComparison').implement({
  description:
    'How well lists of ten by two configurations found what customers bought next. Both were trained on what was bought ' +
    'before a moment, and asked for what was bought after it.',
  fields: (t) => ({
    candidate: t.exposeFloat('candidate', { description: 'Mean nDCG @10 of the new configuration, 0 to 1.' }),
    serving: t.exposeFloat('serving', {
      description: 'Mean nDCG @10 of the configuration of the model that served, 0 to 1.',
    }),
    difference: t.expose('difference', {
      type: DifferenceType,
      description: 'The mean over customers of candidate minus serving.',
    }),
    customers: t.exposeInt('customers', { description: 'Number of customers.' }),
    from: t.field({
      type: 'DateTime',
      description: 'The moment.',
      resolve: ({ from }) => new Date(from),
    }),
    task: t.exposeString('task', {
      description:
        'What counted as found: discovery for products not bought before, next-order for all products.',
    }),
  }),
})

const Model = builder.objectRef<RegisteredModel>('RegisteredModel').implement({
  description: 'A model that the store knows.',
  fields: (t) => ({
    version: t.exposeString('version', { description: 'Its version, as in `modelInfo`.' }),
    state: t.expose('state', { type: ModelState, description: 'What became of it.' }),
    addedAt: t.field({
      type: 'DateTime',
      description: 'When it was added to the store.',
      resolve: ({ addedAt }) => new Date(addedAt),
    }),
    promotedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it last began to serve. Null: never.',
      resolve: ({ promotedAt }) => (promotedAt === null ? null : new Date(promotedAt)),
    }),
    decision: t.string({
      description: 'Why it serves or does not, in a sentence.',
      resolve: ({ decision }) => decision.reason,
    }),
    comparison: t.field({
      type: ModelComparisonType,
      nullable: true,
      description: 'The comparison that decided it. Null: the models were not compared.',
      resolve: ({ decision }) => decision.ndcg10,
    }),
  }),
})

builder.queryField('models', (t) =>
  t.field({
    type: [Model],
    description:
      'The models that the store knows, the latest first; empty without a store. Needs an API key of scope `admin`.',
    authScopes: { admin: true },
    resolve: (_root, _args, { models }) => (models === null ? [] : models.all()),
  }),
)

const RetrainingStageType = builder.enumType('RetrainingStage', {
  description: 'What a retraining is doing.',
  values: {
    COMPARING: { description: 'The new configuration is compared with the one that serves.' },
    TRAINING: { description: 'The new model is trained on everything.' },
    WRITING: { description: 'The new model is written, checked and promoted.' },
  } as const,
})

const Retraining = builder.objectRef<RetrainingStatus>('Retraining').implement({
  description: 'How the last retraining that this server began goes, or went.',
  fields: (t) => ({
    isRunning: t.exposeBoolean('isRunning', { description: 'Whether it is running.' }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it began. Null: this server has begun none.',
      resolve: ({ startedAt }) => (startedAt === null ? null : new Date(startedAt)),
    }),
    stage: t.expose('stage', {
      type: RetrainingStageType,
      nullable: true,
      description: 'What it is doing. Null unless it is running and has read its data.',
    }),
    share: t.exposeFloat('share', { description: 'How much of the stage is done, 0 to 1.' }),
    candidate: t.string({
      nullable: true,
      description: 'The version of the new model. Null before its end, and if it failed.',
      resolve: ({ retrained }) => retrained?.candidate ?? null,
    }),
    promoted: t.boolean({
      nullable: true,
      description: 'Whether the new model serves. Null before its end, and if it failed.',
      resolve: ({ retrained }) => retrained?.promoted ?? null,
    }),
    reason: t.string({
      nullable: true,
      description: 'Why the new model serves or does not. Null before its end, and if it failed.',
      resolve: ({ retrained }) => retrained?.reason ?? null,
    }),
    failure: t.exposeString('failure', {
      nullable: true,
      description: 'Why it failed, or that it was cancelled. Null: it did not.',
    }),
  }),
})

builder.queryField('retraining', (t) =>
  t.field({
    type: Retraining,
    nullable: true,
    description:
      'How the last retraining of this server goes. Null if it cannot retrain. Needs an API key of scope `admin`.',
    authScopes: { admin: true },
    resolve: (_root, _args, { models }) => models?.retrainings?.status ?? null,
  }),
)

builder.subscriptionField('retraining', (t) =>
  t.field({
    type: Retraining,
    description:
      'How the retraining goes: now, and after each change until it ends. Needs an API key of scope `admin`.',
    authScopes: { admin: true },
    subscribe: (_root, _args, context) => keptIn(context).retrainings.changes(context.signal),
    resolve: (status) => status,
  }),
)

const RetrainInput = builder.inputType('RetrainInput', {
  description: 'How a new model is decided on.',
  fields: (t) => ({
    force: t.boolean({
      defaultValue: false,
      description: 'Whether it serves without being compared with the model that serves.',
    }),
  }),
})

const RetrainPayload = builder.objectRef<RetrainingStatus>('RetrainPayload').implement({
  description: 'A retraining that has begun.',
  fields: (t) => ({
    retraining: t.field({
      type: Retraining,
      description: 'How it goes; ask for it again, or subscribe to it.',
      authScopes: { catalog: true },
      resolve: (status) => status,
    }),
  }),
})

builder.mutationField('retrain', (t) =>
  t.field({
    type: RetrainPayload,
    description:
      'Begins to train a model on what the store holds now, in a process of its own, and answers at once. When it is ready, ' +
      'the new model serves on every server of the store, unless it is shown to be worse than the one that serves. Needs ' +
      'an API key of the scopes `write` and `admin`.',
    authScopes: { admin: true },
    args: {
      input: t.arg({
        type: RetrainInput,
        defaultValue: { force: false },
        description: 'How the new model is decided on.',
      }),
    },
    resolve: async (_root, { input: { force } }, context) => {
      const { models } = keptIn(context)
      try {
        return await models.retrain(force, context.caller.actor)
      } catch (error) {
        if (!(error instanceof RetrainingError)) throw storeProblem(error, 'changed')
        throw new GraphQLError(error.message, { extensions: { code: 'RETRAINING_RUNS' } })
      }
    },
  }),
)

const CancelRetrainingPayload = builder
  .objectRef<{ readonly wasRunning: boolean }>('CancelRetrainingPayload')
  .implement({
    description: 'What became of the retraining.',
    fields: (t) => ({
      wasRunning: t.exposeBoolean('wasRunning', { description: 'Whether one was running here.' }),
    }),
  })

builder.mutationField('cancelRetraining', (t) =>
  t.field({
    type: CancelRetrainingPayload,
    description:
      'Ends the retraining of this server, if one is running: the model that serves stays. Needs an API key of the scopes ' +
      '`write` and `admin`.',
    authScopes: { admin: true },
    resolve: async (_root, _args, context) => ({
      wasRunning: await keptIn(context).models.cancelRetraining(context.caller.actor),
    }),
  }),
)

const RollbackModelPayload = builder
  .objectRef<{ readonly from: string; readonly to: string }>('RollbackModelPayload')
  .implement({
    description: 'Which model serves now.',
    fields: (t) => ({
      from: t.exposeString('from', { description: 'The version that served; it is rejected now.' }),
      to: t.exposeString('to', { description: 'The version that serves.' }),
    }),
  })

builder.mutationField('rollbackModel', (t) =>
  t.field({
    type: RollbackModelPayload,
    description:
      'Goes back to the model that served before: here at once, on other servers of the store within seconds. Needs an API ' +
      'key of the scopes `write` and `admin`.',
    authScopes: { admin: true },
    resolve: async (_root, _args, context) => {
      const { models } = keptIn(context)
      try {
        return await models.rollback(context.caller.actor)
      } catch (error) {
        if (error instanceof RangeError) {
          throw new GraphQLError('No model served before this one, so there is none to go back to.', {
            extensions: { code: 'NO_FORMER_MODEL' },
          })
        }
        throw storeProblem(error, 'changed')
      }
    },
  }),
)

/** @throws {GraphQLError} with code NO_STORE on a server that keeps no models */
function keptIn({ models }: Context): { readonly models: ModelService; readonly retrainings: Retrainings } {
  if (models?.retrainings) return { models, retrainings: models.retrainings }
  throw new GraphQLError('This server keeps no models in a store: start it with --store.', {
    extensions: { code: 'NO_STORE' },
  })
}
