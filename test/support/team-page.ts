import { packSteps } from '../../extension/src/protocol/panel-steps.ts';
import type { PanelMessage } from '../../extension/src/protocol/panel.ts';
import type { RunEvent, RunId } from '../../extension/src/protocol/run-event.ts';
import { headOf } from '../../extension/src/vscode/trace-panel/slim.ts';
import { foldsOf } from '../../webview/src/folds.ts';
import type { Folds } from '../../webview/src/folds.ts';
import { createListing } from '../../webview/src/listing.ts';
import { modelOf } from '../../webview/src/model.ts';
import type { Model } from '../../webview/src/model.ts';
import { createShown } from '../../webview/src/shown.ts';
import { NO_FILTER } from '../../webview/src/step-filter.ts';
import { createLayouts } from '../../webview/src/timeline/layout.ts';
import type { Layout } from '../../webview/src/timeline/layout.ts';
import type { RecordedTeam } from './recorded-team.ts';

/** The page's own state of a team's run, without the page: what it asks for is answered at once. */
export interface TeamPage {
  readonly asked: Extract<PanelMessage, { type: 'sub-run' }>[];
  folds: Folds;
  /** What is drawn once all that was asked for is there. */
  draw(): { readonly model: Model; readonly layout: Layout };
  /** What was appended since reaches the page. */
  append(events: readonly RunEvent[]): void;
}

export function openTeamPage(team: RecordedTeam, folds: Folds = foldsOf()): TeamPage {
  const waiting: Extract<PanelMessage, { type: 'sub-run' }>[] = [];
  const asked: Extract<PanelMessage, { type: 'sub-run' }>[] = [];
  const missed = new Set<RunId>();
  const view = team.root.view();
  if (!view) throw new Error('The run has no events.');
  const post = (message: PanelMessage): void => {
    if (message.type !== 'sub-run') return;
    asked.push(message);
    waiting.push(message);
  };
  const message = {
    ...({ type: 'run', view: headOf(view), steps: '', total: 0, facts: team.facts(), now: 0 } as const),
  };
  const events = { post, onSubRun: () => undefined };
  const shown = createShown(message, view.steps, () => 0, events);
  const listing = createListing();
  const layouts = createLayouts();

  const answer = ({ run }: Extract<PanelMessage, { type: 'sub-run' }>): void => {
    const found = team.view(run);
    if (found) {
      const steps = packSteps(found.steps, found.startedAt);
      shown.subRuns.receive({ type: 'sub-run', run, view: headOf(found), steps, total: found.steps.length });
    } else {
      missed.add(run);
      const error = { code: 'run-missing', message: 'It is not there.' };
      shown.subRuns.receive({ type: 'sub-run', run, error });
    }
  };
  const page: TeamPage = {
    asked,
    folds,
    draw: () => {
      for (;;) {
        const chosen = { selected: undefined, tab: 'output', folds: page.folds, filter: NO_FILTER } as const;
        const listed = listing(shown, { ...chosen, at: undefined });
        shown.subRuns.ask(page.folds);
        const next = waiting.splice(0);
        next.forEach(answer);
        if (next.length > 0) continue;
        const model = modelOf(shown, { ...chosen, at: undefined }, listed);
        layouts.update(model);
        return { model, layout: layouts.layout };
      }
    },
    append: (appended) => {
      // As the host does with those that begin after they were asked for.
      for (const run of missed) {
        if (!appended.some((event) => event.run === run)) continue;
        missed.delete(run);
        answer({ type: 'sub-run', run });
      }
      shown.append(appended, team.facts(), 0);
    },
  };
  return page;
}
