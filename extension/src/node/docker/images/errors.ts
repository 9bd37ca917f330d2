import { StrataError } from '../../../base/errors.ts';

export function imageNotFound(image: string, cause: unknown): StrataError {
  return new StrataError(
    'image-not-found',
    `There is no image ${image} in its registry.`,
    'Correct its name or its tag, or load it by hand (docker load).',
    { cause },
  );
}

/** Registries say the same of an image that is not there and of one that is not for everybody. */
export function imageNeedsLogin(image: string, detail: string): StrataError {
  return new StrataError(
    'image-needs-login',
    `The registry does not hand out the image ${image}: ${detail}`,
    `See that the name is right. If it needs a login, fetch it by hand once: docker login, then docker pull ${image}`,
  );
}

export function imageWrongPlatform(image: string, detail: string): StrataError {
  return new StrataError(
    'image-platform',
    `The image ${image} does not fit this engine: ${detail}`,
    'Take an image for Linux and the processor of the engine, or build one from a Dockerfile.',
  );
}

export function registryUnreachable(image: string, detail: string): StrataError {
  return new StrataError(
    'image-registry-unreachable',
    `The image ${image} is not on the engine, and its registry cannot be reached: ${detail}`,
    'Connect to the registry and try again, or load the image by hand (docker load).',
    { passing: true },
  );
}

export function imagePullFailed(image: string, detail: string): StrataError {
  return new StrataError(
    'image-pull',
    `The image ${image} could not be pulled: ${detail}`,
    `Try it by hand: docker pull ${image}`,
  );
}

export function imageNameInvalid(image: string): StrataError {
  return new StrataError(
    'image-name',
    `"${image}" is no name of an image.`,
    'Write it as registry/name:tag or name@sha256:…, in lower case.',
  );
}

export function imageRunsNothing(image: string): StrataError {
  return new StrataError(
    'image-no-command',
    `The image ${image} says nothing about what to run.`,
    'Give the server a command: entrypoint or arguments.',
  );
}

export function engineDiskFull(what: string, detail: string): StrataError {
  return new StrataError(
    'docker-disk-full',
    `The disk of the Docker engine is full (${what}): ${detail}`,
    'Make room, for example with docker system prune, and try again.',
    { passing: true },
  );
}

export function diskFull(what: string): StrataError {
  return new StrataError(
    'tools-disk-full',
    `The disk of this machine is full: ${what}.`,
    'Make room and try again.',
    {
      passing: true,
    },
  );
}

export function contextTooLarge(
  folder: string,
  found: { readonly limit: string; readonly advice: string },
): StrataError {
  return new StrataError(
    'image-context-too-large',
    `${folder} is too large to build an image from: more than ${found.limit}.`,
    found.advice,
  );
}

export function contextUnreadable(path: string, detail: string): StrataError {
  return new StrataError(
    'image-context',
    `${path} cannot be taken into an image: ${detail}`,
    'See that the file can be read and that nothing changes it while the image is built.',
  );
}

export function dockerfileMissing(path: string): StrataError {
  return new StrataError(
    'dockerfile-missing',
    `There is no Dockerfile at ${path}.`,
    'Give the path of a Dockerfile, or of a folder that holds one, relative to the workspace folder.',
  );
}

export function dockerfileOutside(path: string): StrataError {
  return new StrataError(
    'dockerfile-outside',
    `The Dockerfile ${path} is not in the workspace folder.`,
    'Copy it into the workspace, together with what it needs.',
  );
}

export function dockerfileFailed(path: string, detail: string): StrataError {
  return new StrataError(
    'dockerfile-failed',
    `The build of ${path} failed: ${detail}`,
    'Correct the Dockerfile; docker build shows the whole output.',
  );
}

export function commandMissing(command: string, base: string): StrataError {
  return new StrataError(
    'command-missing',
    `There is no program ${command} in the base image ${base}.`,
    'Name an image or a Dockerfile that has it (the base image has node, and a shell).',
  );
}

export function commandOutside(command: string): StrataError {
  return new StrataError(
    'command-outside',
    `The program ${command} is on this machine and outside of the workspace folder, and servers run in a container that has neither.`,
    'Copy it into the workspace, or name an image or a Dockerfile that has it.',
  );
}

export function notInContainer(kind: string): StrataError {
  return new StrataError(
    'server-without-image',
    `A server of the kind "${kind}" runs in no container.`,
    'It needs no image.',
  );
}
