import type { Granularity } from '@cardstock/client/types';
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'dark' | 'light';

/** Sizes of the panels in pixels, as they were dragged. */
export type Sizes = {
  markets: number;
  book: number;
  ticket: number;
  bottom: number;
  tape: number;
  room: number;
};
export const usualSizes: Sizes = { markets: 236, book: 254, ticket: 268, bottom: 240, tape: 212, room: 220 };

/** In seconds, and what they are called. */
export const granularities: readonly [Granularity, string][] = [
  [60, '1m'],
  [300, '5m'],
  [900, '15m'],
  [3_600, '1h'],
  [21_600, '6h'],
  [86_400, '1d'],
];

const key = (name: string) => `cardstock.${name}`;

/** What this browser remembers, if it lets us. */
function remembered<T>(name: string, usual: T) {
  const kept = signal<T>(read(name, usual));
  effect(() => {
    const text = JSON.stringify(kept.value);
    try {
      localStorage.setItem(key(name), text);
    } catch {
      // A private window may forbid it: it is forgotten then.
    }
  });
  return kept;
}

function read<T>(name: string, usual: T): T {
  try {
    const text = localStorage.getItem(key(name));
    if (text === null) return usual;
    const value = JSON.parse(text);
    return typeof usual === 'object' && !Array.isArray(usual) ? { ...usual, ...value } : value;
  } catch {
    return usual;
  }
}

export const theme = remembered<Theme>('theme', 'system');
export const sizes = remembered<Sizes>('sizes', usualSizes);
export const isConfirming = remembered('confirm', false);
export const isFillingSize = remembered('fill-size', false);
export const lastProduct = remembered('product', '');
export const granularity = remembered<Granularity>('granularity', 60);
export const isRoomOpen = remembered('room', true);
export const starred = remembered<string[]>('starred', []);

const darkMedia = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(darkMedia.matches);
darkMedia.addEventListener('change', ({ matches }) => {
  systemIsDark.value = matches;
});

export function isDark(): boolean {
  return theme.value === 'system' ? systemIsDark.value : theme.value === 'dark';
}

effect(() => {
  document.documentElement.dataset.theme = isDark() ? 'dark' : 'light';
  const meta = document.querySelector('meta[name="theme-color"]');
  meta?.setAttribute('content', isDark() ? '#0a0d13' : '#f3f5f9');
});
