type Bag = Record<string, unknown>

// V8 copies an object literal's layout in one go, but only where a place in the code sees few layouts (four): after that
// it adds key by key again, which costs ten times more. So there are many such places, and each serves four templates.
const copiers: readonly ((blank: Bag) => Bag)[] = [
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
  (blank) => ({ ...blank }),
]

const layoutsPerPlace = 4
let templates = 0

/**
 * Makes a factory of objects that have these keys already, whose values are to be overwritten: much faster than adding
 * keys one by one, and the objects are as fast to read as those of a class. When there are too many templates, or keys, it
 * is a factory of empty objects.
 */
export function template(keys: readonly string[]): () => Bag {
  const copy = copiers[Math.floor(templates / layoutsPerPlace)]
  if (copy === undefined || keys.length > 100) return () => ({})
  templates++
  const parse = (value: string): Bag =>
    JSON.parse(`{${keys.map((key) => `${JSON.stringify(key)}:${value}`).join(',')}}`)
  // Each of these teaches V8 that the fields hold anything, before the template is made of the same layout.
  for (const value of ['0', '0.5', '"text"', 'null']) parse(value)
  const blank = parse('0')
  return () => copy(blank)
}
