export { bothSides } from './both-sides.ts';
export type { AskedStep, Sides } from './both-sides.ts';
export { compareInParts, compareRuns, workOf } from './compare-runs.ts';
export { comparedRun, comparedView } from './recorded-run.ts';
export { comparableTranscript, transcriptInParts } from './transcript.ts';
export type { InParts } from './parts.ts';
export { readableText } from './readable-text.ts';
export { stepText } from './step-text.ts';
export { textParts } from './text-parts.ts';
export type {
  ComparedFiles,
  ComparedRun,
  ComparedStep,
  FileTrees,
  RunComparison,
  StepDifference,
  StepSide,
  TextPart,
} from './comparison.ts';
