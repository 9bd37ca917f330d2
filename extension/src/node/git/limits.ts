/** Larger files are hardly ever source, and every snapshot would have to keep them. */
export const MAX_FILE_BYTES = 50 * 1024 * 1024;
