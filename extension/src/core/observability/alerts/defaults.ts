import type { Json } from '../../../base/json.ts';

/** What is looked at unless somebody says otherwise: what costs money, or goes on while nobody looks. None of them ends a run. */
export const DEFAULT_RULES: Readonly<Record<string, Json>> = {
  'Runs fail': { measure: 'error-rate', window: '1h', warn: 0.3, alert: 0.6, least: 5 },
  'Model calls fail': { measure: 'error-rate', of: 'models', window: '15m', warn: 0.2, alert: 0.5, least: 5 },
  'A run is expensive': { measure: 'run-cost', window: '1d', warn: 2, alert: 5 },
  'The day is expensive': { measure: 'day-cost', warn: 10, alert: 25 },
  'A run takes long': { measure: 'run-time', window: '1d', warn: 30, alert: 120 },
  'Models answer slowly': { measure: 'latency', window: '15m', warn: 60, alert: 180, least: 5 },
  'A run goes in circles': { measure: 'loop', window: '30m', warn: 5, alert: 10 },
  'A budget is nearly spent': { measure: 'budget', warn: 0.8, alert: 1 },
  'A tool keeps failing': { measure: 'tool-failures', window: '30m', warn: 3, alert: 6 },
  'Containers are left over': { measure: 'containers', warn: 3, alert: 10 },
};
