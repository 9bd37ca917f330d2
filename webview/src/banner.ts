import type { ErrorInfo } from '../../extension/src/protocol/run-event.ts';
import { h, replaceWhen } from './dom.ts';
import { icon } from './icons.ts';
import type { IconName } from './icon-names.ts';
import type { Model } from './model.ts';

interface Notice {
  readonly tone: 'bad' | 'warn' | 'info';
  readonly message: string;
  readonly action?: string | undefined;
  readonly code?: string | undefined;
}

export interface Banners {
  readonly element: HTMLElement;
  update(model: Model): void;
  /** How an action went. It stays until it is dismissed or the next one is done. */
  report(outcome: { readonly message?: string; readonly error?: ErrorInfo } | undefined): void;
}

const icons: Readonly<Record<Notice['tone'], IconName>> = { bad: 'error', warn: 'warning', info: 'info' };

export function createBanners(): Banners {
  const ofRun = h('div');
  const ofAction = h('div');
  const report: Banners['report'] = (outcome) => {
    const notice: Notice | undefined = outcome?.error
      ? { tone: 'bad', ...outcome.error }
      : outcome?.message
        ? { tone: 'info', message: outcome.message }
        : undefined;
    show(ofAction, notice, () => {
      report(undefined);
    });
  };
  return {
    element: h('div', { class: 'banners' }, ofRun, ofAction),
    update: (model) => {
      show(ofRun, noticeOf(model));
    },
    report,
  };
}

function noticeOf({ run, facts }: Model): Notice | undefined {
  if (run.status === 'running' && facts.fromFile) {
    return { tone: 'info', message: 'The run had not ended when it was saved to this file.' };
  }
  if (run.status === 'running' && !facts.live) {
    return {
      tone: 'warn',
      message: 'The process that worked on this run ended before the run did.',
      action: 'Resume it: finished steps are not executed again.',
    };
  }
  if (!run.error || run.status === 'running' || run.status === 'succeeded') return undefined;
  return { tone: run.status === 'failed' ? 'bad' : 'warn', ...run.error };
}

function show(place: HTMLElement, notice: Notice | undefined, onDismiss?: () => void): void {
  replaceWhen(place, notice ? JSON.stringify(notice) : '', () => {
    if (!notice) return [];
    const texts = h(
      'div',
      { class: 'texts' },
      h('p', {}, h('strong', {}, notice.message)),
      notice.action ? h('p', {}, notice.action) : undefined,
    );
    const banner = h(
      'section',
      {
        class: 'banner',
        attributes: {
          'data-tone': notice.tone,
          'aria-label': notice.tone === 'info' ? 'Message' : 'Problem',
        },
      },
      icon(icons[notice.tone]),
      texts,
      notice.code ? h('code', { class: 'code' }, notice.code) : undefined,
    );
    if (onDismiss) {
      const dismiss = h('button', {
        class: 'link',
        title: 'Dismiss',
        attributes: { type: 'button', 'aria-label': 'Dismiss' },
        onClick: onDismiss,
      });
      dismiss.append(icon('close'));
      banner.append(dismiss);
    }
    return [banner];
  });
}
