import type { CallDecision, WaitingCall } from '../../extension/src/protocol/panel.ts';
import { button } from './button.ts';
import { h, replaceWhen } from './dom.ts';
import { icon } from './icons.ts';
import { linkButton } from './button.ts';
import type { Model } from './model.ts';

export interface WaitingCalls {
  readonly element: HTMLElement;
  update(model: Model): void;
}

interface WaitingEvents {
  readonly onDecide: (call: WaitingCall, decision: CallDecision) => void;
  readonly onLook: (call: WaitingCall) => void;
}

/** The tool calls of the run, and of its sub-runs, that a person is asked about. */
export function createWaitingCalls({ onDecide, onLook }: WaitingEvents): WaitingCalls {
  const element = h('div', { class: 'waiting-calls' });
  const row = (call: WaitingCall, own: boolean): HTMLElement => {
    const decide = (decision: CallDecision, label: string, name: 'check' | 'edit' | 'circle-slash') =>
      button({
        icon: name,
        label,
        primary: decision === 'allow',
        onClick: () => {
          onDecide(call, decision);
        },
      });
    const place = linkButton(own ? `step ${call.step}` : `step ${call.step} of a sub-run`, () => {
      onLook(call);
    });
    return h(
      'section',
      {
        class: 'banner',
        attributes: { 'data-tone': 'warn', 'aria-label': `Approval of ${call.tool}, step ${call.step}` },
      },
      icon('shield'),
      h(
        'div',
        { class: 'texts' },
        h('p', {}, h('strong', {}, `${call.tool} waits for you`), ' ', place),
        h('p', { class: 'waiting-arguments' }, call.arguments),
      ),
      h(
        'div',
        { class: 'actions' },
        decide('allow', 'Allow', 'check'),
        decide('edit', 'Edit…', 'edit'),
        decide('refuse', 'Refuse…', 'circle-slash'),
      ),
    );
  };
  return {
    element,
    update: ({ facts, run }) => {
      replaceWhen(element, JSON.stringify([run.id, facts.waiting]), () =>
        facts.waiting.map((call) => row(call, call.run === run.id)),
      );
    },
  };
}
