import type { ModelError } from './model-error.ts';
import type { Deployment } from './provider.ts';
import type { Route } from './route.ts';
import type { Candidate } from './strategies.ts';

/** The sentences of a trace that say where a call went, and why. */
export function choiceNote(route: Route, { entry, why }: Candidate): string {
  const to = `Route “${route.name}” → ${entry.deployment.id}`;
  return route.deployments.length === 1 ? `${to}, its only deployment.` : `${to}, ${why}.`;
}

/** Whether a note says which deployment was asked where there was no choice. */
export function saysOnlyChoice(note: string): boolean {
  return /^Route “[^”]*” → .*, its only deployment\.$/.test(note);
}

export function passedOverNote(deployment: Deployment, why: string): string {
  return `${deployment.id} is passed over: ${why}.`;
}

export function waitNote(deployment: Deployment, ms: number, reason: string): string {
  return `Every deployment cools down; waiting ${seconds(ms)} for ${deployment.id} (${reason}).`;
}

export function takeOverNote(from: string, to: string, error: ModelError): string {
  return `No deployment of the route “${from}” can take this (${error.kind}); the route “${to}” takes over.`;
}

/** `kept`: characters that were shown and are kept; `dropped`: that were shown and are no part of the answer. */
export function failureNote(
  deployment: Deployment,
  error: ModelError,
  { kept, dropped, then }: { readonly kept: number; readonly dropped: number; readonly then: string },
): string {
  const status = error.status === undefined ? '' : ` ${error.status}`;
  const shown =
    (kept === 0 ? '' : ` The ${kept} characters that had come are kept, and the answer goes on after them.`) +
    (dropped === 0 ? '' : ` ${startedOver(dropped)}`);
  return `${deployment.id} failed (${error.kind}${status}: ${trimDot(error.message)}); ${then}.${shown}`;
}

/**
 * Whether a note of a trace tells of an attempt that failed: metrics count them, and logs hold nothing else of them. The name
 * of a deployment may hold its address and its key's name.
 */
export function saysAttemptFailed(note: string): boolean {
  return /^\S.*? failed \([a-z-]+( \d+)?: /.test(note);
}

export function startedOver(characters: number): string {
  return `The ${characters} characters that had been shown are no part of the answer.`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

export function coolingNote(ms: number): string {
  return ms === 0 ? '' : ` (it cools down for ${Math.ceil(ms / 1000)} s)`;
}

function trimDot(text: string): string {
  return text.replace(/\.\s*$/, '');
}
