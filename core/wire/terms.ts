// What few commands have, in one word: `<name>:<value>` with commas between; and how a product pays.

import { type Stop, stops } from '../order.ts';
import { type Funding, noRules, type ProductRules } from '../product.ts';

/** Of an order, or of an amend, which says no kind of stop. */
export type Terms = {
  readonly stop?: Stop | null;
  readonly stopPrice: number | null;
  readonly expireTime: number | null;
  /** Of an order only. */
  readonly maxFloor?: number | null;
};

/** Empty if there are none. */
export function termsOf({ stop, stopPrice, expireTime, maxFloor = null }: Terms): string {
  if (stopPrice === null && expireTime === null && maxFloor === null) return '';
  const parts = [];
  if (stopPrice !== null) parts.push(`${stop ?? 'stop'}:${stopPrice}`);
  if (expireTime !== null) parts.push(`expire:${expireTime}`);
  if (maxFloor !== null) parts.push(`floor:${maxFloor}`);
  return parts.join(',');
}

export function readTerms(text: string): Terms {
  const terms = new Map(text.split(',').map((part) => part.split(':') as [string, string]));
  const termOf = (name: string): number | null => (terms.has(name) ? Number(terms.get(name)) : null);
  const stop = stops.find((name) => terms.has(name)) ?? null;
  return {
    stop,
    stopPrice: termOf(stop ?? 'stop'),
    expireTime: termOf('expire'),
    maxFloor: termOf('floor'),
  };
}

export const noTerms: Terms = { stop: null, stopPrice: null, expireTime: null, maxFloor: null };

/** The words of rules, in the order in which they are written. */
const ruleWords: Readonly<Record<keyof ProductRules, string>> = {
  maxMakers: 'makers',
  maxSize: 'size',
  collar: 'collar',
  makerFee: 'maker_fee',
  takerFee: 'taker_fee',
};
const ruleNames = Object.keys(ruleWords) as (keyof ProductRules)[];

export function encodeRules(rules: ProductRules): string {
  const known = ruleNames.filter((name) => rules[name] !== null);
  return known.map((name) => `${ruleWords[name]}:${rules[name]}`).join(',');
}

export function readRules(text: string): ProductRules {
  const rules: Record<string, number> = {};
  for (const part of text.split(',')) {
    const [word, value] = part.split(':');
    const name = ruleNames.find((known) => ruleWords[known] === word);
    if (!name) throw new Error(`unknown rule: ${part}`);
    rules[name] = Number(value);
  }
  return { ...noRules, ...rules };
}

export function encodeFunding(funding: Funding | null): string {
  if (!funding) return '-';
  return `${funding.baseCurrency}:${funding.baseUnits}:${funding.quoteCurrency}:${funding.quoteUnits}`;
}

export function readFunding(text: string | null): Funding | null {
  if (text === null) return null;
  const [baseCurrency, baseUnits, quoteCurrency, quoteUnits] = text.split(':') as [
    string,
    string,
    string,
    string,
  ];
  return { baseCurrency, baseUnits: Number(baseUnits), quoteCurrency, quoteUnits: Number(quoteUnits) };
}
