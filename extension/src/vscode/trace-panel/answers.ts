import type { Json } from '../../base/json.ts';
import type { PayloadResult, PayloadTarget, WorkflowGraph } from '../../protocol/panel.ts';
import { stepFacts } from '../../protocol/panel-steps.ts';
import type { StepFacts } from '../../protocol/panel-steps.ts';
import { cutPayload, readPayload } from '../../protocol/payload.ts';
import type { RunId, StepId } from '../../protocol/run-event.ts';
import type { RunView } from '../../protocol/run-view.ts';
import { stepOf } from '../../protocol/run-view.ts';
import { errorInfo } from '../error-info.ts';
import { payloadMissing, runMissing } from './errors.ts';
import type { RunSource } from './ports.ts';
import { workflowGraph } from './workflow-graph.ts';

/** Characters of one payload that are sent to the webview; the whole can be opened in an editor. */
const PAYLOAD_BUDGET = 2_000_000;

export function factsOf(source: RunSource, run: RunId, step: StepId): StepFacts | undefined {
  const view = source.view(run);
  const found = view && stepOf(view, step);
  return found && stepFacts(found);
}

/** As much of it as the page can take, or why it cannot be read. */
export function payloadResult(source: RunSource, run: RunId, target: PayloadTarget): PayloadResult {
  try {
    return cutPayload(wholePayload(source, run, target), PAYLOAD_BUDGET);
  } catch (error) {
    return { error: errorInfo(error) };
  }
}

/** Throws a `StrataError` when it is not there. */
export function wholePayload(source: RunSource, run: RunId, { step: id, part }: PayloadTarget): Json {
  const view = source.view(run);
  if (!view) throw runMissing(run);
  const step = id === undefined ? undefined : stepOf(view, id);
  if (id !== undefined && !step) throw payloadMissing();
  const payload = step ? step[part] : part === 'input' ? view.input : view.answer;
  if (!payload) throw payloadMissing();
  return readPayload((blob) => source.getBlob(blob), payload);
}

/** Without its picture the run can still be read, so what is wrong with its input is said where that is shown. */
export function graphOf(source: RunSource, { input }: RunView): WorkflowGraph | undefined {
  if (!input) return undefined;
  try {
    return workflowGraph(readPayload((blob) => source.getBlob(blob), input));
  } catch {
    return undefined;
  }
}
