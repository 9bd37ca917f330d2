export { createMetricsPanels } from './panels.ts';
export type { MetricsPanels } from './panels.ts';
