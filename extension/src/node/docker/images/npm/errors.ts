import { StrataError } from '../../../../base/errors.ts';

export function packageNameInvalid(spec: string): StrataError {
  return new StrataError(
    'npm-package-name',
    `"${spec}" is no npm package of a registry.`,
    'Write it as name, name@version or name@range. For a folder, an archive or a repository use a Dockerfile.',
  );
}

export function packageNotFound(spec: string): StrataError {
  return new StrataError(
    'npm-package-not-found',
    `The npm registry has no package ${spec}, or does not show it to you.`,
    'Correct the name. A package that is not for everybody needs npm login.',
  );
}

export function versionNotFound(spec: string, detail: string): StrataError {
  return new StrataError(
    'npm-version-not-found',
    `There is no such version of the npm package ${spec}: ${detail}`,
    `npm view ${nameOf(spec)} versions lists those that there are.`,
  );
}

export function npmNeedsLogin(spec: string, detail: string): StrataError {
  return new StrataError(
    'npm-needs-login',
    `The npm registry does not hand out ${spec}: ${detail}`,
    'Log in with npm login, then try again.',
  );
}

export function npmUnreachable(spec: string, detail: string): StrataError {
  return new StrataError(
    'npm-unreachable',
    `The npm registry cannot be reached for ${spec}: ${detail}`,
    'Connect to the network (npm ping tries it), then try again.',
    { passing: true },
  );
}

export function npmFailed(spec: string, detail: string): StrataError {
  return new StrataError(
    'npm-install',
    `npm could not install ${spec}: ${detail}`,
    `Try it by hand in an empty folder: npm install --ignore-scripts ${spec}`,
  );
}

export function npmMissing(base: string): StrataError {
  return new StrataError(
    'npm-missing',
    `npm is neither on this machine nor in the base image ${base}.`,
    'Install Node.js with npm, or choose a base image that has npm (strata.tools.baseImage).',
  );
}

export function packageForOtherPlatform(spec: string, detail: string): StrataError {
  return new StrataError(
    'npm-platform',
    `The npm package ${spec} is not for Linux containers of this engine: ${detail}`,
    'Take another version of it, or a server that runs in Linux containers.',
  );
}

export function packageHasGitDependency(spec: string): StrataError {
  return new StrataError(
    'npm-git-dependency',
    `The npm package ${spec} needs a package out of a git repository, and such are not fetched: git would run on this machine.`,
    'Build it with a Dockerfile, where git runs in a container.',
  );
}

export function packageRunsNothing(name: string): StrataError {
  return new StrataError(
    'npm-no-binary',
    `The npm package ${name} has no program to run ("bin" of its package.json).`,
    'See that it is a server. A library needs a script of yours: use a command or a Dockerfile.',
  );
}

export function binaryUnclear(
  name: string,
  options: { readonly wanted?: string; readonly found: readonly string[] },
): StrataError {
  const list = options.found.join(', ');
  return new StrataError(
    'npm-binary',
    options.wanted === undefined
      ? `The npm package ${name} has several programs: ${list}.`
      : `The npm package ${name} has no program ${options.wanted}. It has ${list}.`,
    'Say which of them is the server (binary).',
  );
}

export function binaryNotJavaScript(name: string, script: string): StrataError {
  return new StrataError(
    'npm-binary-kind',
    `The program ${script} of the npm package ${name} is not JavaScript, so node cannot run it.`,
    'Build it with a Dockerfile.',
  );
}

function nameOf(spec: string): string {
  return spec.replace(/(?<=.)@.*$/, '');
}
