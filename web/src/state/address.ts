import { computed, effect, signal } from '@preact/signals';
import { granularities, granularity } from './settings.ts';

/** In Unix seconds. */
export type Range = { readonly from: number; readonly to: number };

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

/** The page's address is `#/<product>?granularity=&start=&end=&trade_id=`, which is what short links lead to. */
const parts = computed(() => {
  const [name = '', query] = hash.value.replace(/^#\/?/, '').split('?');
  return { name: decodeURIComponent(name), query: new URLSearchParams(query) };
});

/** A product's id, or `operator`. */
export const named = computed(() => parts.value.name);

export const linkedRange = computed<Range | null>(() => {
  const at = (name: string) => Date.parse(parts.value.query.get(name) ?? '') / 1_000;
  const [from, to] = [at('start'), at('end')];
  return from < to ? { from, to } : null;
});

export const linkedTradeId = computed(() => Number(parts.value.query.get('trade_id')) || null);

effect(() => {
  const given = Number(parts.value.query.get('granularity'));
  const known = granularities.find(([seconds]) => seconds === given);
  if (known) granularity.value = known[0];
});
