import { type Feed, openFeed } from '@cardstock/client/feed';
import { createRest, type Rest } from '@cardstock/client/rest';
import type { Role } from '@cardstock/client/types';
import { computed, signal } from '@preact/signals';

export type Who = {
  readonly traderId: number | null;
  readonly role: Role;
  readonly name: string;
  /** Has a password, and is no token or demo trader. */
  readonly isPerson: boolean;
};

/** Undefined until it is known; null for nobody. */
export const who = signal<Who | null | undefined>(undefined);
export const isTrader = computed(() => who.value?.role === 'trader');
export const isOperator = computed(() => who.value?.role === 'operator' || who.value?.role === 'auditor');

export type Connection = { readonly state: 'connecting' | 'open' | 'closed'; readonly why: string };
export const connection = signal<Connection>({ state: 'connecting', why: '' });
/** In milliseconds, there and back; null while not known. */
export const feedLatency = signal<number | null>(null);
export const orderLatency = signal<number | null>(null);

const tokenKey = 'cardstock.token';
const feedUrl = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/feed`;

/** A token that was pasted, for this tab. Who logs in by name and password has a cookie that no script can read. */
function pastedToken(): string | null {
  return sessionStorage.getItem(tokenKey);
}

function credentials() {
  const token = pastedToken();
  return token === null ? {} : { credentials: { token } };
}

export let rest: Rest = createRest({ baseUrl: '', ...credentials() });
export let feed: Feed = connectFeed();
/** Grows when `feed` is another one, for other credentials. */
export const feedNumber = signal(0);

function connectFeed(): Feed {
  return openFeed({
    url: feedUrl,
    ...credentials(),
    silenceMs: 8_000,
    onState: (state, why) => {
      connection.value = { state, why };
      if (state !== 'open') feedLatency.value = null;
    },
  });
}

/** Other credentials hold from the next request and message on. With a cookie the exchange says who we are without a token. */
export async function useCredentials(token: string | null, hasCookie = false): Promise<void> {
  if (token === null) sessionStorage.removeItem(tokenKey);
  else sessionStorage.setItem(tokenKey, token);
  rest = createRest({ baseUrl: '', ...credentials() });
  if (token !== null || hasCookie) await findWho();
  else who.value = null;
  feed.close();
  feed = connectFeed();
  feedNumber.value++;
}

/** Whether this exchange lets anybody in as a demo trader; only one that runs for its user alone does. */
export const hasDemo = signal(false);

type Settings = { demo: boolean; sign_up: boolean; session: boolean };

/** Finds out who we are, without asking in vain: a request that is refused is an error in the browser's console. */
export async function begin(): Promise<void> {
  const call = { method: 'GET', path: '/page/settings', repeatable: true } as const;
  const settings = (await rest.request<Settings>(call).catch(() => null))?.body;
  hasDemo.value = settings?.demo ?? false;
  if (pastedToken() !== null || settings?.session) await findWho();
  else who.value = null;
}

type CurrentSession = { id: string; name: string | null; role: Role; trader_id?: string };

/** Asks the exchange who we are. */
async function findWho(): Promise<void> {
  try {
    const call = { method: 'GET', path: '/sessions/current', repeatable: true } as const;
    const { trader_id, role, name } = (await rest.request<CurrentSession>(call)).body;
    const traderId = trader_id === undefined ? null : Number(trader_id);
    const usual =
      traderId === null ? role.replace(/^./, (first) => first.toUpperCase()) : `Trader ${traderId}`;
    who.value = { traderId, role, name: name ?? usual, isPerson: name !== null };
  } catch {
    who.value = null;
  }
}

/** Also ends the session at the exchange. */
export async function logOut(): Promise<void> {
  const call = { method: 'DELETE', path: '/sessions/current', repeatable: true } as const;
  await rest.request(call).catch(() => {});
  await useCredentials(null);
}

const pingEveryMs = 3_000;

/** Measures how long the way there and back takes on the feed's own socket. */
export function startPings(): void {
  setInterval(async () => {
    if (connection.value.state !== 'open' || document.hidden) return;
    const at = performance.now();
    try {
      await feed.call('time');
      feedLatency.value = performance.now() - at;
    } catch {
      feedLatency.value = null;
    }
  }, pingEveryMs);
}

/** Does a request of orders and keeps how long it took. */
export async function timed<T>(work: () => Promise<T>): Promise<T> {
  const at = performance.now();
  const result = await work();
  orderLatency.value = performance.now() - at;
  return result;
}
