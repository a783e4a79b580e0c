import type { Api } from '../api.ts';
import { TooManyRequests } from '../errors.ts';

type Options = {
  /** What may wait for a slow reader, beyond which it is ended; or `last`: the newest alone is kept. */
  readonly most: number | 'last';
  /** `stopping` ends it when the process is to end. */
  readonly api: Pick<Api, 'stopping' | 'unread'>;
};

/** What an event takes in memory that waits, about. */
const bytesOfItem = 1_024;

/** What happens from now on, as an iterator. `begin` is given where to put it, and returns what ends it. */
export function following<T>(
  begin: (push: (item: T) => void, fail: (error: Error) => void) => () => void,
  { most, api: { stopping, unread } }: Options,
): AsyncIterableIterator<T> {
  const items: T[] = [];
  let waiting: PromiseWithResolvers<IteratorResult<T>> | null = null;
  let failure: Error | null = null;
  let isOver = false;
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    release();
    stop();
    stopping.removeEventListener('abort', finish);
    waiting?.resolve({ value: undefined, done: true });
    waiting = null;
  };
  const fail = (error: Error): void => {
    failure = error;
    items.length = 0;
    waiting?.reject(error);
    waiting = null;
    finish();
  };
  const push = (item: T): void => {
    if (isOver) return;
    if (waiting) {
      waiting.resolve({ value: item, done: false });
      waiting = null;
      return;
    }
    if (most === 'last') items.length = 0;
    if (most !== 'last' && items.length >= most) fail(tooSlow());
    else items.push(item);
  };
  const cut = (): void => fail(tooSlow());
  const release = unread.add({ unread: () => items.length * bytesOfItem, cut });
  let stop = (): void => {};
  stop = begin(push, fail);
  stopping.addEventListener('abort', finish, { once: true });
  if (stopping.aborted) finish();
  return {
    next: () => {
      const item = items.shift();
      if (item !== undefined) return Promise.resolve({ value: item, done: false });
      if (failure) return Promise.reject(failure);
      if (isOver) return Promise.resolve({ value: undefined, done: true });
      waiting ??= Promise.withResolvers();
      return waiting.promise;
    },
    return: () => {
      finish();
      return Promise.resolve({ value: undefined, done: true });
    },
    throw: (error) => {
      finish();
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function tooSlow(): TooManyRequests {
  return new TooManyRequests('too slow: too much waits to be read');
}
