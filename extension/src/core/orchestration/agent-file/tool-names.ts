/** The tools that come with Strata. Other servers bring more, which are known only when they run. */
export const BUILT_IN_TOOLS = [
  'memory_search',
  'memory_recall',
  'files_read',
  'files_list',
  'files_glob',
  'files_search',
  'files_edit',
  'files_write',
  'files_move',
  'files_delete',
  'shell_run',
];

/** Look, and change nothing. */
export const READING_TOOLS = ['memory_*', 'files_read', 'files_list', 'files_glob', 'files_search'];
