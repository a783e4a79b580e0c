import type { DatabasePool } from 'slonik';
import { batched } from '../core/batched.ts';
import type { Log } from '../core/log.ts';
import type { Sealing } from '../core/sealing.ts';
import { signedHeaders, webhookSealContext } from '../core/webhooks.ts';
import type { NotifierMetrics } from './metrics.ts';
import type { Outgoing } from './outgoing.ts';
import { type ClaimedWebhook, releaseWebhook } from './queries/claim.ts';
import { buryLetter, type WantedLetter } from './queries/dead-letters.ts';
import { nextMessages } from './queries/next-notices.ts';
import { type Delivered, disable, recordDead, recordDelivered, recordFailed } from './queries/outcomes.ts';
import { longestFailingMs, waitAfter } from './retries.ts';
import { type Outcome, send } from './send.ts';

export type Delivering = {
  readonly pool: DatabasePool;
  readonly sealing: Sealing;
  readonly log: Log;
  readonly metrics: NotifierMetrics;
  readonly rounds: Rounds;
  /** Of this process, for its claims. */
  readonly claim: string;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
};

/** Delivered one after the other in one claim; then others get their turn. */
const mostInTurn = 50;
/** Longer than an attempt takes, so that nobody takes over from a notifier that is at work. */
export const leaseAfter = (timeoutMs: number): number => 2 * timeoutMs + 5_000;

/** Asks and acknowledges for all webhooks of one turn of the event loop together. */
export function createRounds(pool: DatabasePool): Rounds {
  const find = batched(async (webhookIds: readonly number[]) => {
    const found = await nextMessages(pool, webhookIds, mostInTurn);
    return webhookIds.map((id) => found.get(id) ?? []);
  });
  return {
    find,
    acknowledge: batched((delivered: readonly Delivered[]) => recordDelivered(pool, delivered)),
  };
}

export type Rounds = {
  readonly find: (webhookId: number) => Promise<Outgoing[]>;
  readonly acknowledge: (delivered: Delivered) => Promise<boolean | null>;
};

/**
 * Tells a webhook what there is for it, in order, until it fails, its turn is over, or somebody else works on it. True if there is
 * more to be told at once. If PostgreSQL fails meanwhile, the webhook is let go of: its lease is for notifiers that die.
 */
export async function deliverTo(
  on: Delivering,
  webhook: ClaimedWebhook,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await deliverInTurn(on, webhook, signal);
  } catch (error) {
    await releaseWebhook(on.pool, webhook.webhookId, on.claim);
    throw error;
  }
}

async function deliverInTurn(on: Delivering, webhook: ClaimedWebhook, signal: AbortSignal): Promise<boolean> {
  const { pool, claim } = on;
  const claimed = { webhookId: webhook.webhookId, claim };
  let { attempts } = webhook;
  const messages = await on.rounds.find(webhook.webhookId);
  for (const message of messages) {
    if (signal.aborted) break;
    const outcome = await attempt(on, webhook, message);
    if (outcome.kind === 'delivered') {
      attempts = 0;
      const isLast = message === messages.at(-1);
      const leaseMs = isLast ? null : leaseAfter(on.timeoutMs);
      const hasMore = await on.rounds.acknowledge({ ...claimed, noticeId: message.noticeId, leaseMs });
      if (hasMore === null || isLast) return hasMore === true;
    } else {
      await recordFailure(on, { webhook, message, outcome, attempts: attempts + 1 });
      break;
    }
  }
  await releaseWebhook(pool, webhook.webhookId, claim);
  return false;
}

type Failure = {
  readonly webhook: ClaimedWebhook;
  readonly message: Outgoing;
  readonly outcome: Exclude<Outcome, { kind: 'delivered' }>;
  readonly attempts: number;
};

async function recordFailure(
  on: Delivering,
  { webhook, message, outcome, attempts }: Failure,
): Promise<void> {
  const { pool, log, claim } = on;
  const claimed = { webhookId: webhook.webhookId, claim };
  const about = { webhook_id: webhook.webhookId, trader_id: webhook.traderId };
  if (outcome.kind === 'gone') {
    await disable(pool, claimed, 'answered 410: it wants nothing any more');
    return log.warn(about, 'a webhook is gone, and disabled');
  }
  const waitMs = waitAfter(attempts);
  if (waitMs === null) {
    on.metrics.died();
    return recordDead(pool, claimed, message, outcome.error);
  }
  const failure = { error: outcome.error, waitMs, longestFailingMs };
  if (await recordFailed(pool, claimed, failure))
    log.warn(about, 'a webhook failed for too long, and is disabled');
}

async function attempt(
  on: Delivering,
  webhook: ClaimedWebhook,
  { messageId, body }: Outgoing,
): Promise<Outcome> {
  const context = webhookSealContext(webhook.traderId);
  const secrets = [
    on.sealing.unseal({ bytes: webhook.secret, sealedWith: webhook.secretSealedWith }, context),
  ];
  if (webhook.oldSecret && webhook.oldSecretSealedWith)
    secrets.push(
      on.sealing.unseal({ bytes: webhook.oldSecret, sealedWith: webhook.oldSecretSealedWith }, context),
    );
  return sendOnce(on, webhook.url, signed(messageId, body, secrets));
}

function signed(id: string, body: string, secrets: readonly Buffer[]) {
  return { body, headers: signedHeaders({ id, timestamp: Date.now(), body }, secrets) };
}

async function sendOnce(
  { metrics, timeoutMs, allowPrivate }: Delivering,
  url: string,
  message: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
): Promise<Outcome> {
  const start = performance.now();
  const outcome = await send({ url, ...message, timeoutMs, allowPrivate });
  metrics.attempted(outcome.kind, (performance.now() - start) / 1_000);
  return outcome;
}

/** Once: if it fails again, it stays where it is. */
export async function deliverLetter(on: Delivering, letter: WantedLetter): Promise<undefined> {
  const secret = on.sealing.unseal(
    { bytes: letter.secret, sealedWith: letter.secretSealedWith },
    webhookSealContext(letter.traderId),
  );
  const outcome = await sendOnce(on, letter.url, signed(letter.messageId, letter.body, [secret]));
  const errors = {
    delivered: null,
    gone: 'answered 410',
    failed: outcome.kind === 'failed' ? outcome.error : '',
  };
  await buryLetter(on.pool, letter, errors[outcome.kind]);
}
