import type { EvaluationSummary } from '../../model/evaluation-summary.ts'
import { builder } from '../builder.ts'
import { EvaluationProtocol } from './evaluation-protocol.ts'
import { EvaluationTask } from './evaluation-task.ts'
import { EvaluationTrial } from './evaluation-trial.ts'
import { MeasuredSystem } from './measured-system.ts'
import { MeasuresAtK } from './measures-at-k.ts'

export const Evaluation = builder.objectRef<EvaluationSummary>('Evaluation').implement({
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
