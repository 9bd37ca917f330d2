import {
  formatBytes,
  formatCost,
  formatDuration,
  formatModel,
  formatRunCost,
} from '../../extension/src/protocol/format.ts';
import type { ModelUse, RollUp, StepEffect, StepId } from '../../extension/src/protocol/run-event.ts';
import type { ToolUse } from '../../extension/src/protocol/tool-use.ts';
import { originOf } from '../../extension/src/protocol/origin-label.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { block, fieldTable } from './blocks.ts';
import { linkButton } from './button.ts';
import { percent } from './context-facts.ts';
import { contextBlock } from './context-view.ts';
import { h } from './dom.ts';
import { icon } from './icons.ts';
import { kindOf, stepStatus } from './kinds.ts';
import { stepLabel } from '../../extension/src/protocol/step-label.ts';
import type { Model } from './model.ts';
import { lengthOf } from './time-scale.ts';

type Fields = readonly (readonly [string, string])[];

const effects: Readonly<Record<StepEffect, string>> = {
  read: 'Reads only',
  contained: 'Changes the copy of this run only',
  change: 'May change things outside of this run',
};

export function stepOverview(
  model: Model,
  step: StepView,
  openDiff: (path: string, step: StepId) => void,
  select: (step: StepId) => void,
): readonly HTMLElement[] {
  const fields: Fields = [
    ['Status', stepStatus(step).text],
    ['Kind', kindOf(step).label],
    ['Name', step.name],
    ['Step', step.id],
    ['Started', clock(step.startedAt)],
    ['Duration', step.durationMs === undefined ? '–' : formatDuration(step.durationMs)],
    [
      'Attempt',
      step.retry > 0 ? `${String(step.attempt)}, tried again ${String(step.retry)}×` : String(step.attempt),
    ],
    ['Effect', effects[step.effect]],
    ...(step.child === undefined ? [] : [['Its own run', step.child] as const]),
  ];
  return [
    fieldTable(fields),
    ...(step.model ? [block('Model', fieldTable(modelFields(step.model)))] : []),
    ...(step.tool ? [block('Tool', fieldTable(toolFields(step.tool)))] : []),
    ...(step.rollUp ? [block('What it came to', fieldTable(rollUpFields(step.rollUp)))] : []),
    ...contextBlock(model.run, step, select),
    ...notesOf(step),
    ...filesOf(
      (step.files?.paths ?? []).map((path) =>
        linkButton(
          path,
          () => {
            openDiff(path, step.id);
          },
          'diff',
        ),
      ),
    ),
    ...(model.run.isolation === 'workspace' && step.files
      ? [h('p', { class: 'hint' }, 'This run works in place: its changes are in your workspace already.')]
      : []),
  ];
}

export function runOverview(
  model: Model,
  openDiff: (path: string) => void,
  select: (step: StepId) => void,
): readonly HTMLElement[] {
  const run = model.past ?? model.run;
  const files = [...model.changed].map(([path, step]) =>
    h(
      'span',
      { class: 'file' },
      linkButton(
        path,
        () => {
          openDiff(path);
        },
        'diff',
      ),
      linkButton(`step ${step.id}`, () => {
        select(step.id);
      }),
    ),
  );
  const failures = run.steps.filter((step) => step.status === 'failed' || step.isError).slice(-50);
  return [
    fieldTable(runFields(run, model.at ?? model.now)),
    ...filesOf(files),
    ...(failures.length > 0
      ? [
          block(
            'Steps that failed',
            h(
              'ul',
              { class: 'plain' },
              ...failures.map((step) => {
                const { title, detail } = stepLabel(step);
                return h(
                  'li',
                  {},
                  linkButton(
                    `${step.id} ${title} ${detail}`.trim(),
                    () => {
                      select(step.id);
                    },
                    stepStatus(step).icon,
                  ),
                );
              }),
            ),
          ),
        ]
      : []),
  ];
}

function runFields(run: RunView, now: number): Fields {
  const { totals } = run;
  return [
    ['Run', run.id],
    ...(run.origin.kind === 'user' ? [] : [['Origin', originOf(run)] as const]),
    ...(run.user === undefined ? [] : [['Started by', run.user] as const]),
    ['Agent', run.agent || '–'],
    ['Route', run.route || '–'],
    ['Folder', run.folder || '–'],
    ['Works on', run.isolation === 'copy' ? 'Its own copy of the files' : 'The workspace itself'],
    ['Started', run.startedAt ? clock(run.startedAt) : '–'],
    ['Ended', run.endedAt === undefined ? '–' : clock(run.endedAt)],
    ['Duration', formatDuration(lengthOf(run, now))],
    ...(totals.subSteps > 0 ? [['Steps of sub-runs', String(totals.subSteps)] as const] : []),
    ['Model calls', String(totals.calls)],
    ['Tokens in', totals.inputTokens.toLocaleString()],
    ['Tokens out', totals.outputTokens.toLocaleString()],
    ['Cost', formatRunCost(totals, lastProvider(run))],
    ...(totals.unpriced > 0 ? [['Calls without a price', String(totals.unpriced)] as const] : []),
  ];
}

function lastProvider(run: RunView): string | undefined {
  return run.steps.findLast((step) => step.model)?.model?.provider;
}

function rollUpFields(rollUp: RollUp): Fields {
  return [
    ['Steps', String(rollUp.steps)],
    ['Model calls', String(rollUp.calls)],
    ['Tokens in', rollUp.inputTokens.toLocaleString()],
    ['Tokens out', rollUp.outputTokens.toLocaleString()],
    ['Cost', formatRunCost(rollUp)],
  ];
}

function modelFields({ usage, cost, ...use }: ModelUse): Fields {
  const optional = (name: string, value: number | undefined): Fields =>
    value === undefined ? [] : [[name, value.toLocaleString()]];
  return [
    ['Model', formatModel(use)],
    ['Provider', use.provider],
    ['Cost', formatCost(cost, use.provider)],
    ['Tokens in', usage.input.toLocaleString()],
    ...(usage.cacheRead === undefined
      ? []
      : [
          [
            '– read from cache',
            `${usage.cacheRead.toLocaleString()} (${percent(usage.cacheRead, usage.input)})`,
          ] as const,
        ]),
    ...optional('– written to cache', usage.cacheWrite),
    ['Tokens out', usage.output.toLocaleString()],
    ...optional('– reasoning', usage.reasoning),
    ...(use.firstTokenMs === undefined ? [] : [['First token', formatDuration(use.firstTokenMs)] as const]),
  ];
}

function toolFields({ server, image, cached, waitedMs, connections = [], sampled = [] }: ToolUse): Fields {
  return [
    ['Server', server],
    ...(image === undefined ? [] : [['Image', image] as const]),
    ...(cached ? [['From the cache', 'yes, no server was asked'] as const] : []),
    ...(waitedMs === undefined ? [] : [['Held back by a limit', formatDuration(waitedMs)] as const]),
    ...connections.map(
      ({ host, port, allowed, sentBytes, receivedBytes }) =>
        [
          allowed ? 'Connected to' : 'Refused to connect to',
          `${host}:${String(port)}${allowed ? `, ${formatBytes(sentBytes)} sent, ${formatBytes(receivedBytes)} received` : ''}`,
        ] as const,
    ),
    ...sampled.map(
      (use) => ['Asked a model', `${formatModel(use)}, ${formatCost(use.cost, use.provider)}`] as const,
    ),
  ];
}

function notesOf(step: StepView): readonly HTMLElement[] {
  if (step.notes.length === 0) return [];
  const items = step.notes.map((note) =>
    h(
      'li',
      { attributes: { 'data-tone': note.level === 'warning' ? 'warn' : 'quiet' } },
      icon(note.level),
      h('span', {}, note.text),
    ),
  );
  return [block('Notes', h('ul', { class: 'plain notes' }, ...items))];
}

function filesOf(files: readonly HTMLElement[]): readonly HTMLElement[] {
  if (files.length === 0) return [];
  return [
    block(
      `Files changed (${String(files.length)})`,
      h('ul', { class: 'plain' }, ...files.map((file) => h('li', {}, file))),
    ),
  ];
}

function clock(at: number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}
