/**
 * Answers a question that many ask by one look-up at a time: whoever asks while one is under way shares the next, since no
 * answer may be older than its question.
 */
export function singleFlight<T>(lookUp: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | null = null;
  let next: Promise<T> | null = null;
  const begin = (): Promise<T> => {
    next = null;
    const answer = lookUp();
    const end = (): void => {
      if (underWay === answer) underWay = null;
    };
    underWay = answer;
    answer.then(end, end);
    return answer;
  };
  return () => {
    if (!underWay) return begin();
    next ??= underWay.then(begin, begin);
    return next;
  };
}
