export { evaluate, isQuiet, type AlertState, type Evaluated, type Firing, type Level } from './evaluate.ts';
export { liveFacts, type LiveFacts } from './live-facts.ts';
export { preview, type PreviewedFiring } from './preview.ts';
export { rootOf, timeOf, type AlertData } from './reading.ts';
export {
  readAlertRules,
  ruleMistakeText,
  settingSource,
  type NamedRule,
  type ReadRules,
  type RuleMistake,
  type RuleSource,
} from './read-rules.ts';
export { type Action, type AlertRule } from './rule.ts';
export { pausedByAlert, previewText, stateText } from './words.ts';
