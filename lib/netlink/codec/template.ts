/**
 * Makes a factory of objects that have these keys already. Copying a template costs V8 a fraction of what adding keys
 * one by one does, and leaves an object whose fields are as fast to read as those of a class.
 */
export function template(keys: readonly string[]): () => Record<string, unknown> {
  const parse = (value: string): Record<string, unknown> =>
    JSON.parse(`{${keys.map((key) => `${JSON.stringify(key)}:${value}`).join(',')}}`)
  // Each of these teaches V8 that the fields hold anything, before the template is made of the same layout.
  for (const value of ['0', '0.5', '"text"', 'null']) parse(value)
  const blank = parse('0')
  return () => ({ ...blank })
}
