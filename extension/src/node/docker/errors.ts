import { StrataError, messageOf } from '../../base/errors.ts';

export function dockerMissing(): StrataError {
  return new StrataError(
    'docker-missing',
    'No Docker engine was found on this machine.',
    'Install Docker (or Podman, Colima, Rancher Desktop) and start it, or go on with the read-only tools.',
    { passing: true },
  );
}

export function dockerUnreachable(
  address: string,
  reason: string,
  action = 'Start Docker, then resume the run.',
): StrataError {
  return new StrataError(
    'docker-unreachable',
    `The Docker engine at ${address} does not answer: ${reason}`,
    action,
    {
      passing: true,
    },
  );
}

export function dockerDenied(address: string): StrataError {
  return new StrataError(
    'docker-denied',
    `This user may not use the Docker engine at ${address}.`,
    'Add your user to the group that owns the socket (on Linux: sudo usermod -aG docker $USER), then log in again.',
    { passing: true },
  );
}

export function dockerUnsuitable(address: string, reason: string, action: string): StrataError {
  return new StrataError(
    'docker-unsuitable',
    `The Docker engine at ${address} cannot run the tools: ${reason}`,
    action,
  );
}

export function baseImageMissing(image: string, cause: unknown): StrataError {
  return new StrataError(
    'docker-base-image',
    `The base image ${image} is not on this machine, could not be pulled, and none could be made from local files: ${messageOf(cause)}`,
    `Connect to a registry and try again, or load it by hand: docker pull ${image}`,
    { cause },
  );
}

export function imageBuildFailed(server: string, detail: string): StrataError {
  return new StrataError(
    'docker-image-build',
    `The image of the tool server ${server} could not be built: ${detail}`,
    'See that the engine has disk space left (docker system df), then try again.',
  );
}

export function serverFilesMissing(path: string, cause: unknown): StrataError {
  return new StrataError(
    'tool-server-files',
    `A file of the tool servers cannot be read: ${path}`,
    'Install Strata again; in a checkout, run `npm run build`.',
    { cause },
  );
}

export function containerFailed(server: string, cause: unknown): StrataError {
  return new StrataError(
    'docker-container',
    `The container of the tool server ${server} could not be started: ${messageOf(cause)}`,
    'Read the reason above; `docker info` shows what the engine supports.',
    { cause },
  );
}

export function folderRefused(folder: string, reason: string): StrataError {
  return new StrataError(
    'tools-folder-refused',
    `The folder ${folder} is not given to tools: ${reason}`,
    'Open a project folder of its own instead.',
  );
}

export function folderNotShareable(folder: string, cause?: unknown): StrataError {
  return new StrataError(
    'tools-folder-owner',
    `The folder ${folder} belongs to root, and tools run as an ordinary user.`,
    'Let the run work on its own copy (strata.run.isolation: copy), or give the folder to an ordinary user.',
    cause === undefined ? {} : { cause },
  );
}

export function folderUnguarded(folder: string, name: string): StrataError {
  return new StrataError(
    'tools-folder-refused',
    `The folder ${folder} is not given to tools that write: its ${name} is a link, so it cannot be kept from them.`,
    'Let the run work on its own copy (strata.run.isolation: copy), or put the real folder in the place of the link.',
  );
}

export function toolsDiskFull(folder: string): StrataError {
  return new StrataError(
    'tools-folder-disk',
    `The disk that holds ${folder} has too little space left for tools that write.`,
    'Free some space, then resume the run.',
    { passing: true },
  );
}

export function egressPatternWrong(server: string, pattern: string): StrataError {
  return new StrataError(
    'egress-pattern',
    `"${pattern}", in the list of hosts of the server ${server}, names no host.`,
    'Write it as example.com, *.example.com, example.com:8443 or 192.168.1.5.',
  );
}

export function egressFailed(server: string, reason: string): StrataError {
  return new StrataError(
    'egress-start',
    `The network of the server ${server} could not be opened: ${reason}`,
    'Set the server up again; `docker info` shows what the engine supports.',
  );
}

/** A folder of this machine was to be mounted by an engine on another one. */
export function dockerRemote(address: string): StrataError {
  return new StrataError(
    'docker-remote',
    `The Docker engine at ${address} is on another machine, and files are mounted from this one.`,
    'Choose a local engine with `docker context use default`, or unset DOCKER_HOST.',
  );
}

export function copyFailed(address: string, reason: string): StrataError {
  return new StrataError(
    'docker-copy',
    `The files could not be copied to or from the Docker engine at ${address}: ${reason}`,
    'Resume the run; when it happens again, see that the engine has disk space left (docker system df).',
    { passing: true },
  );
}

export function copyTooLarge(what: string, limitBytes: number | undefined): StrataError {
  const limit = limitBytes === undefined ? '' : ` (the limit is ${Math.round(limitBytes / 1024 / 1024)} MiB)`;
  return new StrataError(
    'docker-copy-size',
    `There is too much to copy to or from a Docker engine on another machine: ${what}${limit}.`,
    'Work on a smaller folder, or use an engine on this machine.',
  );
}
