import { sleep } from '../../core/lifecycle.ts';

/** Waits until something is so; throws if it is not within the time. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { withinMs = 30_000, pauseMs = 20 } = {},
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`it was not so within ${withinMs} ms: ${isSo}`);
    await sleep(pauseMs);
  }
}
