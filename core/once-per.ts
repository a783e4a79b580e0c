/**
 * Makes a value once for each object, and keeps it as long as the object. What else it is made of must go with the object.
 * If making it throws, the next who asks has it made again.
 */
export function oncePer<K extends object, Rest extends unknown[], V extends NonNullable<unknown>>(
  make: (key: K, ...rest: Rest) => V,
): (key: K, ...rest: Rest) => V {
  const made = new WeakMap<K, V>();
  return (key, ...rest) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key, ...rest);
    made.set(key, value);
    return value;
  };
}
