/**
 * The ABI: everything JavaScript may call. All pointers are byte offsets into the one shared memory, which
 * JavaScript allocates; nothing here allocates, keeps state or imports anything but that memory.
 */
export { gram } from "./gram";
export { factorize, factorizeWork, FULL, LOWER, multiplyRows, sumGrams, UPPER } from "./basis";
export { excessPenalty, rowScratch, solveRows, weighRows } from "./als";
export { SHORT } from "./short-row";
export { contributions } from "./contributions";
export { topK } from "./topk";
export { isFinite } from "./finite";
export { findPartners } from "./partners";
export { normalizeRows } from "./normalize";
export {
  easeAdd, easeGram, easeMirror, easePanels, easePivot, easeSweep, easeWeights, easeWriteBack, SWEEP,
} from "./ease";
export * from "./structures";
