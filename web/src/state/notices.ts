import { signal } from '@preact/signals';

export type Notice = { readonly id: number; readonly kind: 'good' | 'bad' | 'plain'; readonly text: string };

export const notices = signal<readonly Notice[]>([]);
let made = 0;
const shownMs = 5_000;

/** Says something in the corner, and to screen readers. */
export function say(kind: Notice['kind'], text: string): void {
  const id = ++made;
  notices.value = [...notices.value.slice(-3), { id, kind, text }];
  setTimeout(() => dismiss(id), kind === 'bad' ? 2 * shownMs : shownMs);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Does it, and says it if that fails. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    say('bad', textOf(error));
    return undefined;
  }
}
