/** The bundler puts the file's text in. */
declare module '*.py' {
  const text: string;
  export default text;
}
