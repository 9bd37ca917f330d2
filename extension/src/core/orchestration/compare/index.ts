export { bothSides } from './both-sides.ts';
export type { AskedStep, Sides } from './both-sides.ts';
export { compareRuns } from './compare-runs.ts';
export { comparedRun } from './recorded-run.ts';
export { comparableTranscript } from './transcript.ts';
export { readableText } from './readable-text.ts';
export { stepText } from './step-text.ts';
export { textParts } from './text-parts.ts';
export type {
  ComparedFiles,
  ComparedRun,
  ComparedStep,
  FileTrees,
  RunComparison,
  RunSide,
  StepAspect,
  StepDifference,
  StepSide,
  StepVerdict,
  TextPart,
} from './comparison.ts';
