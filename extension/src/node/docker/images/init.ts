import { pipesPath } from '../pipes.ts';
import { buildLabel, labelStep } from './labels.ts';

/**
 * Neither `node` nor the init process may be read by the user that runs them: Linux then closes their /proc/<pid> to every
 * other process of that user, so that nothing in the container can write into the server's answers. Nor by their owner: on a
 * rootless engine everything runs as root, without the capability to read them all the same. Word for word as in the
 * Dockerfiles of the built-in servers, so that the engine has the step in its cache.
 */
const init = `RUN ["node", "-e", "const fs = require('fs'); fs.chmodSync(process.execPath, 0o111); fs.mkdirSync('/opt/strata', { recursive: true }); fs.copyFileSync('/bin/sh', '/opt/strata/sh'); fs.chmodSync('/opt/strata/sh', 0o111)"]`;

/**
 * What the init process does before it starts the server: it takes the standard input and output from the named pipes of
 * `../pipes.ts`, where there are some. As in the Dockerfiles of the built-in servers.
 */
export const takePipes = `if [ -p ${pipesPath}/in ]; then exec < ${pipesPath}/in > ${pipesPath}/out; fi; `;

/** The beginning of the Dockerfiles that Strata writes, the same for all, so that each but the first takes it from the cache. */
export const firstSteps = [
  'ARG BASE\nFROM ${BASE}\n',
  `${init}\n`,
  'ENV HOME=/tmp NODE_ENV=production\nUSER 1000:1000\nWORKDIR /workspace\n',
].join('');

/** Puts the label of unfinished builds behind the first FROM. For Dockerfiles of our own, which have one, on one line. */
export function labelled(dockerfile: string): string {
  return dockerfile.replace(/^FROM .*$/m, (from) => `${from}\nLABEL ${buildLabel}=1`);
}

/** The whole of a Dockerfile of our own. */
export function ownDockerfile(steps: string, labels: Readonly<Record<string, string>>): string {
  return `${labelled(steps).trimEnd()}\n${labelStep(labels)}`;
}
