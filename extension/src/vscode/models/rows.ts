import { isStrataError, messageOf } from '../../base/errors.ts';
import { listLine } from '../plain-labels.ts';
import { placeIn } from '../place-in.ts';
import { ERROR, WARNING, type Icon, type ViewRow } from '../view-row.ts';
import { budgetDescription, budgetLabel, budgetName, levelOf, type BudgetLevel } from './budget-words.ts';
import {
  deploymentDescription,
  deploymentLabel,
  deploymentLines,
  nextWords,
  routeDescription,
  routeLines,
} from './deployment-words.ts';
import { costOf, limitWords, spentWords } from './money.ts';
import { isCooling, nextCall } from './next-call.ts';
import type {
  BudgetNode,
  DeploymentNode,
  ModelsNode,
  RouteNode,
  SpendingNode,
  TroubleNode,
} from './nodes.ts';
import { isWritten, takesKey } from './where-written.ts';

/** A row of the view. */
export interface Row extends ViewRow {
  /** What a click does. */
  readonly command?: 'open' | 'refresh';
}

/** `now`: milliseconds since 1970. */
export function rowOf(node: ModelsNode, now: number): Row {
  switch (node.type) {
    case 'folder':
      return { label: node.title, title: node.title, lines: [], spoken: node.title, below: 'expanded' };
    case 'trouble':
      return troubleRow(node);
    case 'route':
      return routeRow(node, now);
    case 'deployment':
      return deploymentRow(node, now);
    case 'spending':
      return spendingRow(node);
    case 'budget':
      return budgetRow(node);
  }
}

function troubleRow({ error, folder }: TroubleNode): Row {
  const message = messageOf(error);
  const place = placeIn(message);
  const whole = isStrataError(error) ? `${message} ${error.action}` : message;
  return {
    label: place ? `${place.file.split('/').at(-1) ?? place.file}:${place.line}` : listLine(message),
    ...(place ? { description: listLine(place.words) } : {}),
    icon: { id: 'error', color: ERROR },
    title: place ? 'No model can be called until this is corrected' : 'The models cannot be shown',
    lines: [{ icon: 'error', text: whole }],
    spoken: whole,
    below: 'none',
    command: place && folder !== undefined ? 'open' : 'refresh',
  };
}

function routeRow({ route, state, deployments }: RouteNode, now: number): Row {
  const written = state.deployments.some(({ from }) => isWritten(from));
  return {
    label: listLine(route),
    description: listLine(routeDescription(state, now)),
    icon: routeIcon(state, now),
    title: `Route ${route}`,
    lines: routeLines(state, now),
    spoken: `route ${route}, ${state.strategy}, next call: ${nextWords(state, now)}`,
    context: written ? 'route.written' : 'route',
    below: deployments.length > 0 ? 'collapsed' : 'none',
  };
}

function routeIcon(state: RouteNode['state'], now: number): Icon {
  const next = nextCall(state, now);
  if (next.kind === 'none') return { id: 'error', color: ERROR };
  if (next.kind === 'last-resort' || (next.kind === 'to' && next.insteadOf))
    return { id: 'warning', color: WARNING };
  return { id: 'compass' };
}

function deploymentRow({ state }: DeploymentNode, now: number): Row {
  const { deployment, problem, from } = state;
  const label = deploymentLabel(deployment);
  const description = deploymentDescription(state, now);
  const cooling = problem === undefined && isCooling(state, now);
  return {
    label: listLine(label),
    description: listLine(description),
    icon: deploymentIcon(state, now),
    title: label,
    lines: deploymentLines(state, now),
    spoken: `deployment ${label}, ${description}${problem === undefined ? '' : `, ${problem}`}`,
    context: [
      'deployment',
      ...(takesKey(deployment) ? ['key'] : []),
      ...(problem !== undefined && takesKey(deployment) ? ['unset'] : []),
      ...(cooling ? ['cooling'] : []),
      ...(isWritten(from) ? ['written'] : []),
    ].join('.'),
    below: 'none',
  };
}

function deploymentIcon(state: DeploymentNode['state'], now: number): Icon {
  if (state.problem !== undefined) return { id: 'warning', color: WARNING };
  if (isCooling(state, now)) return { id: 'clockface', color: WARNING };
  if (state.inFlight > 0) return { id: 'loading~spin' };
  if (state.answered > 0) return { id: 'pass', color: 'testing.iconPassed' };
  return { id: 'circle-large-outline' };
}

function spendingRow({ today, budgets }: SpendingNode): Row {
  const level = budgets.map(({ state }) => levelOf(state));
  return {
    label: 'Spending',
    description: today.calls === 0 ? 'nothing today' : `${costOf(today)} today`,
    icon: level.includes('spent')
      ? { id: 'error', color: ERROR }
      : level.includes('near')
        ? { id: 'warning', color: WARNING }
        : { id: 'credit-card' },
    title: 'Spending',
    lines: [
      { icon: 'credit-card', text: `Today: ${spentWords(today)}.` },
      ...(today.unpriced > 0
        ? [{ icon: 'question', text: `No price is known for ${today.unpriced} of the calls.` }]
        : []),
      ...(budgets.length === 0
        ? [{ icon: 'info', text: 'No budget is set. Budgets stand in .strata/models.jsonc.' }]
        : []),
    ],
    spoken: `spending, today ${spentWords(today)}`,
    context: 'spending',
    below: budgets.length > 0 ? 'expanded' : 'none',
  };
}

const BUDGET_ICONS: Readonly<Record<BudgetLevel, Icon>> = {
  fine: { id: 'pie-chart' },
  near: { id: 'warning', color: WARNING },
  spent: { id: 'error', color: ERROR },
};

function budgetRow({ state }: BudgetNode): Row {
  const level = levelOf(state);
  const [name, description] = [budgetName(state), budgetDescription(state)];
  return {
    label: listLine(budgetLabel(state)),
    description,
    icon: BUDGET_ICONS[level],
    title: `Budget: ${name}`,
    lines: [
      { icon: 'pie-chart', text: `${description}; the limit is ${limitWords(state.limit)}.` },
      ...(state.spent.calls > 0 ? [{ icon: 'credit-card', text: `Spent: ${spentWords(state.spent)}.` }] : []),
      ...(level === 'spent'
        ? [{ icon: 'error', text: 'Runs that need more of it pause until you allow more.' }]
        : []),
    ],
    spoken: `budget ${name}, ${description}`,
    // A budget that each run has for itself is raised where the run stands.
    context: state.scope === 'run' ? 'budget.run' : `budget.${level}`,
    below: 'none',
  };
}
