import { StrataError } from '../../extension/src/base/errors.ts';

export const editorInstallFailed = (step: string, tail: string, cause?: unknown): StrataError =>
  new StrataError(
    'editor.install-failed',
    `VS Code's server could not be installed: \`${step}\` failed.\n${tail}`,
    'Check that npm can reach its registry (`npm ping`), then try again. Nothing half-installed was kept.',
    { cause },
  );

export const editorInstallTimedOut = (seconds: number): StrataError =>
  new StrataError(
    'editor.install-timeout',
    `Another process has been installing VS Code's server for more than ${seconds} s.`,
    'See what it waits for, or end it and try again.',
  );

export const nodeTooOld = (version: string): StrataError =>
  new StrataError(
    'editor.node-too-old',
    `VS Code's server needs Node 24; this is Node ${version}, and the project's own copy is not installed.`,
    'Run `npm install` in the project, or put Node 24 first on the PATH.',
  );

export const editorDidNotStart = (why: string, tail: string): StrataError =>
  new StrataError(
    'editor.start-failed',
    `VS Code's server did not start: ${why}.\n${tail}`,
    'Delete the folder .cache/editor and try again; the lines above are the server’s own.',
  );

export const extensionInstallFailed = (vsix: string, tail: string): StrataError =>
  new StrataError(
    'editor.vsix-failed',
    `${vsix} could not be installed into VS Code.\n${tail}`,
    'Build it again with `npm run package`.',
  );

export const packagingFailed = (tail: string): StrataError =>
  new StrataError(
    'editor.package-failed',
    `The extension could not be packaged.\n${tail}`,
    'Run `npm run package` and read its output.',
  );
