/** The same items, with the next one already under way while its reader works on this one. */
export async function* ahead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  const request = (): Promise<IteratorResult<T>> => {
    const next = source.next();
    next.catch(() => {}); // told to the reader when it gets there
    return next;
  };
  let next = request();
  try {
    for (;;) {
      const { value, done } = await next;
      if (done) return;
      next = request();
      yield value;
    }
  } finally {
    await next.catch(() => {});
    await source.return(undefined);
  }
}
