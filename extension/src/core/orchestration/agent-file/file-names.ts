/** Folders of agent and workflow files in a workspace, in rising order of precedence. */
export const DEFINITION_FOLDERS = ['.github/agents', '.strata/agents', '.strata/workflows'];

/** `path` is relative to the workspace, with `/`. */
export function isWorkflowFile(path: string): boolean {
  return /^\.strata\/workflows\/[^/]+\.workflow\.ya?ml$/.test(path);
}

export function isAgentFile(path: string): boolean {
  return /^\.(strata|github)\/agents\/[^/]+\.agent\.md$/.test(path);
}
