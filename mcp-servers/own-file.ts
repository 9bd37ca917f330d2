/**
 * This server's file, from which its threads and kernels start too. The command line names it: `import.meta` may not stand
 * in a file of which a start-up snapshot is made.
 */
export function ownFile(): string {
  const [, file] = process.argv;
  if (file === undefined) throw new Error('The command line does not name the file of the server.');
  return file;
}
