/** On every image that Strata makes. */
export const serverLabel = 'strata.server';
/** What it was made of, in one line for people. */
export const sourceLabel = 'strata.source';
/** Id of the base image below it. */
export const baseLabel = 'strata.base';
/**
 * On what a build leaves on its way, from its first step on: `strata.server` comes with the last one only. The value is
 * always the same, so that builds share their first steps.
 */
export const buildLabel = 'strata.build';

/**
 * All labels as one step of a Dockerfile: the classic builder makes a step, and so a container and a commit, of each label
 * that is given to it by the API.
 */
export function labelStep(labels: Readonly<Record<string, string>>): string {
  const quoted = (text: string) => `"${text.replaceAll(/[\\"$]/g, '\\$&').replaceAll(/\s/g, ' ')}"`;
  const pairs = Object.entries(labels).map(([name, value]) => `${quoted(name)}=${quoted(value)}`);
  return `LABEL ${pairs.join(' ')}\n`;
}

export const localBaseRepository = 'strata/base';
