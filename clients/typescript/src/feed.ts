import { socketCredentials } from './credentials.ts';
import { openSocket, type SocketMessage, type SocketOptions, type SocketState } from './socket.ts';

/** The messages of each channel. Events of orders reach `user` if they carry who it concerns. */
const typesOf: Readonly<Record<string, readonly string[]>> = {
  heartbeat: ['heartbeat'],
  ticker: ['ticker'],
  ticker_batch: ['ticker'],
  level2: ['snapshot', 'l2update'],
  level2_batch: ['snapshot', 'l2update'],
  auction: ['auction'],
  matches: ['last_match', 'match'],
  full: ['received', 'open', 'match', 'done', 'change'],
  user: ['received', 'open', 'match', 'done', 'change', 'activate'],
  status: ['status'],
  balance: ['balance'],
  room: ['room', 'message'],
};

export type Channel =
  | 'heartbeat'
  | 'ticker'
  | 'ticker_batch'
  | 'level2'
  | 'level2_batch'
  | 'auction'
  | 'matches'
  | 'full'
  | 'user'
  | 'status'
  | 'balance'
  | 'room';

export type Subscription = {
  readonly channel: Channel;
  /** None for channels without products, and for all products of `user`. */
  readonly productIds?: readonly string[];
  readonly onMessage: (message: SocketMessage) => void;
  /** What follows does not continue what came before: the socket was lost and is there again. */
  readonly onReset?: () => void;
};

export type FeedOptions = Omit<SocketOptions, 'logon'> & {
  readonly logon?: SocketOptions['logon'];
  readonly onState?: (state: SocketState, why: string) => void;
  /** The exchange refused a subscription. */
  readonly onError?: (message: string) => void;
};

export type Feed = ReturnType<typeof openFeed>;

/** The feed of the exchange: it subscribes again whenever the socket was lost. */
export function openFeed(options: FeedOptions) {
  const subscriptions = new Set<Subscription>();
  let isOpen = false;
  let wasOpen = false;
  const socket = openSocket(options, {
    onOpen: () => {
      isOpen = true;
      if (wasOpen) for (const { onReset } of subscriptions) onReset?.();
      wasOpen = true;
      void send('subscribe', [...subscriptions]);
    },
    onMessage: dispatch,
    onState: (state, why) => {
      if (state !== 'open') isOpen = false;
      options.onState?.(state, why);
    },
  });

  function dispatch(message: SocketMessage): void {
    if (message.type === 'error') options.onError?.(String(message.reason ?? message.message));
    for (const subscription of subscriptions)
      if (isFor(subscription, message)) subscription.onMessage(message);
  }

  async function send(type: 'subscribe' | 'unsubscribe', of: readonly Subscription[]): Promise<void> {
    if (of.length === 0 || !isOpen) return;
    const channels = of.map(({ channel, productIds }) =>
      productIds ? { name: channel, product_ids: productIds } : { name: channel },
    );
    socket.send({ type, channels, ...(await socketCredentials(options.credentials)) });
  }

  /** Whoever else still wants a product's channel keeps it. */
  function unwanted({ channel, productIds }: Subscription): Subscription[] {
    const others = [...subscriptions].filter((other) => other.channel === channel);
    if (!productIds) return others.length === 0 ? [{ channel, onMessage: () => {} }] : [];
    const kept = new Set(others.flatMap((other) => other.productIds ?? []));
    const left = productIds.filter((id) => !kept.has(id));
    return left.length === 0 ? [] : [{ channel, productIds: left, onMessage: () => {} }];
  }

  return {
    /** Returns what ends it. */
    subscribe(subscription: Subscription): () => void {
      subscriptions.add(subscription);
      void send('subscribe', [subscription]);
      return () => {
        if (!subscriptions.delete(subscription)) return;
        void send('unsubscribe', unwanted(subscription));
      };
    },
    /** Asks again for what a subscription begins with: a new snapshot. */
    async restart(subscription: Subscription): Promise<void> {
      await send('unsubscribe', [subscription]);
      await send('subscribe', [subscription]);
    },
    call: socket.call,
    reconnect: socket.reconnect,
    close: socket.close,
  };
}

function isFor({ channel, productIds }: Subscription, message: SocketMessage): boolean {
  if (!typesOf[channel]!.includes(message.type)) return false;
  if (channel === 'user' && message.user_id === undefined) return false;
  const { product_id } = message;
  return !productIds || product_id === undefined || productIds.includes(String(product_id));
}
