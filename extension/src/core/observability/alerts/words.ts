import { formatDuration } from '../../../protocol/format.ts';
import type { ErrorInfo } from '../../../protocol/run-event.ts';
import { taskTitle } from '../task-title.ts';
import type { AlertState } from './evaluate.ts';
import type { PreviewedFiring } from './preview.ts';
import type { AlertRule } from './rule.ts';

/** `$3.20`, `45 %`, `2 min 5 s`, `7`: a value in the unit of its rule. */
export function valueText({ measure }: AlertRule, value: number | undefined): string {
  if (value === undefined) return 'no data';
  switch (measure) {
    case 'error-rate':
    case 'budget':
      return `${Math.round(value * 100)} %`;
    case 'latency':
      return formatDuration(value * 1000);
    case 'run-time':
      return formatDuration(value * 60_000);
    case 'run-cost':
    case 'day-cost':
      return `$${value.toFixed(2)}`;
    case 'loop':
    case 'tool-failures':
    case 'containers':
      return String(value);
  }
}

/**
 * One sentence, such as `A run takes long (“Fix the till”): 31 min 2 s, warning from 30 min.` A run goes by its task where that is
 * given, else by its id.
 */
export function stateText(
  name: string,
  rule: AlertRule,
  { level, subject, value, run }: AlertState,
  task?: string,
): string {
  const title = subject === run && task !== undefined ? taskTitle(task) : '';
  const about = subject === '' ? '' : ` (${title === '' ? subject : `“${title}”`})`;
  if (value === undefined) return `${name}${about}: there is no data.`;
  const threshold = level === 'alert' ? rule.alert : (rule.warn ?? rule.alert);
  const from = level === 'alert' ? 'alert from' : 'warning from';
  return `${name}${about}: ${valueText(rule, value)}, ${from} ${valueText(rule, threshold)}.`;
}

/** Why a run stands still that a rule has paused; `text` is what fired. */
export function pausedByAlert(text: string): ErrorInfo {
  return {
    code: 'paused-by-alert',
    message: `An alert paused it. ${text}`,
    action: 'Look at what it did, and resume it to go on.',
  };
}

/** `It would have fired 4 times in the last 7 days: 3 warnings, 1 alert; 2 of them in quiet times.` */
export function previewText(fired: readonly PreviewedFiring[] | undefined, days: number): string {
  if (!fired) return 'No history is kept of what this rule looks at.';
  const when = `in the last ${days} days`;
  if (fired.length === 0) return `It would not have fired ${when}.`;
  const alerts = fired.filter(({ level }) => level === 'alert').length;
  const quiet = fired.filter(({ isQuiet }) => isQuiet).length;
  const times = fired.length === 1 ? 'once' : `${fired.length} times`;
  const muted = quiet === 0 ? '' : `; ${quiet} of them in quiet times`;
  return `It would have fired ${times} ${when}: ${counted(fired.length - alerts, 'warning')}, ${counted(alerts, 'alert')}${muted}.`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
