/** What an evaluation can be asked to do. */
export type ProtocolName =
  | 'temporal'
  | 'last-order'
  | 'basket'
  | 'notebook'
  | 'split'
  | 'hold-out-users'
  | 'session'

/**
 * For each protocol a paragraph for the reader of a report: the question it answers, what it does not answer, and its
 * sources. Plain text.
 */
export const PROTOCOL_DESCRIPTIONS: Readonly<Record<ProtocolName, string>> = {
  temporal:
    'Had the shop started on the day of the cut, what would its customers have made of the recommendations? Every ' +
    'system learns from what was bought before the cut and from nothing else: ids, prices, categories, popularity, ' +
    'scales and segments are made of that alone, and reviews, deliveries and segments that the shop states are ' +
    'taken out, since nothing says when they became known; only what the shop states of a product, its measures and ' +
    'its category, is taken as it stands today. Asked about are the customers who bought before the cut ' +
    'and again after it, and to be found is what they bought from the cut on, up to the next cut where there are ' +
    'several; the same customer may be asked about at several cuts. Products first sold after the cut cannot be on ' +
    'any list; they are left out and counted. It does not say how new customers or new products fare, nor what ' +
    'customers would have bought had they seen the lists, and it judges by the season that followed the cut. ' +
    'It is the one protocol here that sees no future (Ji et al. 2023, doi:10.1145/3569930, on how much the others ' +
    'can mislead; rolling origin: Tashman 2000, doi:10.1016/S0169-2070(00)00065-0).',
  'last-order':
    'Who came back: what did they order last? The last order of every customer with two orders or more is held out, ' +
    'and the systems learn from all the rest. Research has used it widely, since it asks about each returning ' +
    'customer once and needs no date. But it is not how a shop works: what other customers bought after that order ' +
    'is in training, so popularity, prices and tastes are partly those of a future nobody knew, which flatters ' +
    'systems and can change their order (Meng et al. 2020, arXiv:2007.13237; Ji et al. 2023, ' +
    'doi:10.1145/3569930). Of two orders at the same moment the one that the files name later counts as the last. ' +
    'The whole catalogue is ranked, and products that were sold in held-out orders only can be found by what the ' +
    'shop states of them; mind that never to have been sold gives them away where everything else has been. ' +
    'It says nothing of customers who order once. Trust the temporal protocol where the two disagree.',
  basket:
    'What else belongs in this basket? Of each order with two products or more one, chosen by chance, is hidden and ' +
    'to be found by the others ("all but one", Breese, Heckerman & Kadie 1998, arXiv:1301.7363). The basket is ' +
    'anonymous: nothing else of its customer is known to the systems. They learn from all other purchases, those in ' +
    'the rest of the basket included, but from no purchase of the hidden product by that customer. Baskets are dealt ' +
    'to folds, and each fold is a training of its own, so that whole baskets are left to learn from. It does not say ' +
    'whether anyone would add the product who had not chosen it already, and other customers’ later purchases are ' +
    'in training.',
  notebook:
    'None: this is the procedure of the notebook that Rationale began as, run to show its 0 of 500. It trains on all ' +
    'purchases, then declares one purchase of each of 500 customers held out without taking it out of training, and ' +
    'asks for products that the customer has not bought. The purchase to be found has been bought, as far as ' +
    'training knows, so it is filtered from every list, and no system can find any. The 0 is a property of the ' +
    'procedure and says nothing of what it was meant to measure; hold-outs must leave the training data before ' +
    'anything is learnt (Kaufman et al. 2012, doi:10.1145/2382577.2382579). Where products may be recommended again ' +
    '(next-order), it asks for what training states, and rewards whoever repeats it.',
  split:
    'How does Rationale compare with figures that others published on their split? Training and test are the two ' +
    'files given. What the split keeps from training, time included, is as good as whoever made it: most published ' +
    'ones divide each user’s items by chance, which asks to fill gaps in a taste and not to foresee the next ' +
    'purchase. Users whom training does not know, and products that it does not know, are left out and counted; ' +
    'published figures may have counted them as missed. Every product of training is ranked, never a sample: with ' +
    'sampled ones systems change places (Krichene & Rendle 2020, doi:10.1145/3394486.3403226). The form of one user ' +
    'a line is that of LightGCN (He et al. 2020, arXiv:2002.02126).',
  'hold-out-users':
    'How well are customers served whom training has never seen? A share of the users is held out of training ' +
    'altogether; a part of what each bought, chosen by chance, is then given as their history, and the rest is to be ' +
    'found (strong generalisation: Liang et al. 2018, arXiv:1802.05814; Rendle et al. 2021, arXiv:2110.14037). Since ' +
    'a customer is a history here, it tests the very path by which new customers are served. But the part is chosen ' +
    'by chance and not by time: a later purchase may be given and an earlier one asked for, and other users’ future ' +
    'is in training. Products that training does not know, and users left with fewer than two, are left out and ' +
    'counted.',
  session:
    'What does somebody look at next, or put into the cart? Every system learns from the purchases, views and cart ' +
    'entries before the cut, and from nothing else, as under the temporal protocol. Of each session that begins after the cut ' +
    'one event, chosen as if by chance, is to be found by what the same person looked at or put into the cart before it ' +
    'and by what a customer bought before the cut; the whole catalogue is ranked. Visitors and customers who have not ' +
    'bought before the cut are asked about as well. "default without views" is the same system, asked without knowing ' +
    'what the person looked at: the difference is what views are worth. The other systems know purchases alone. Orders are ' +
    'not among the events: what is put into the cart stands for them. It does not say that people would have bought more ' +
    'had they seen the lists (on the protocol: Ludewig & Jannach 2018, doi:10.1007/s11257-018-9209-6).',
}

/** What is asked for, in words that follow a protocol's description. */
export const TASK_DESCRIPTIONS = {
  discovery:
    'Discovery: what a customer has bought already is neither recommended nor counted as found; who bought nothing ' +
    'new is left out.',
  'next-order':
    'Next order: anything may be recommended, bought already or not, and counts as found where it was bought again.',
  'next-basket':
    'Next basket: the whole of the next order is to be found, bought already or not. Recall is the share of the basket ' +
    'that the list found, products that training does not know counted as missed; customers of whose basket training ' +
    'knows nothing are left out. In shops where people buy the same things again and again, what a customer bought ' +
    'most often or last is hard to beat (Li et al. 2023, "A next basket recommendation reality check", ' +
    'doi:10.1145/3587153): both stand in the table, each filled up with what is popular.',
} as const
