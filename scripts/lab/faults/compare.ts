// Holds what clients were told against what PostgreSQL has.

import { compareBetween } from './compare-between.ts';
import { type Findings, newFindings } from './findings.ts';
import {
  isGood,
  type Meant,
  messageIn,
  type Refused,
  refusalIn,
  type Sent,
  saysNothingTaken,
  type Told,
  toldOf,
} from './record.ts';
import { nameOf, type OrderRow, type Stored } from './stored.ts';

export function compareAll(sent: readonly Sent[], stored: Stored): Findings {
  const findings = newFindings();
  for (const one of sent) {
    compareAnswer(one, findings);
    compareCount(one, stored, findings);
    if (one.what.kind === 'place') {
      compareOrders(one, one.what.orders, { stored, findings });
      compareTogether(one, one.what.orders, { stored, findings });
    } else if (one.what.kind === 'move between') compareBetween(one, one.what, { stored, findings });
    else compareChange(one, { stored, findings });
  }
  compareStatuses(sent, stored, findings);
  findUnsent(sent, stored, findings);
  return findings;
}

/** What is sent is always well formed, and what is read was answered: only want of money, a price too far, an auction, an order that is done, and 503 come in between; and what of these befalls another order of an all-or-none batch. */
function compareAnswer({ requestId, during, what, answer }: Sent, { contradicted }: Findings): void {
  if (answer === null || answer.status < 300) return;
  const { status, body, retryAfter } = answer;
  const mayBeDone = what.kind === 'cancel' || what.kind === 'amend';
  const isFine =
    status === 503
      ? retryAfter !== null
      : status < 500 && status !== 401 && (mayBeDone || refusalIn(body) !== null);
  if (!isFine)
    contradicted.push({
      during,
      says: `${requestId} (${what.kind}) was answered ${status} ${messageIn(body)}`,
    });
}

const uncounted: readonly Sent['what']['kind'][] = ['cancel all', 'read', 'move between', 'status'];

/** A request is taken once and whole, or not at all. */
function compareCount(one: Sent, { requests }: Stored, { lost, doubled, contradicted }: Findings): void {
  const { requestId, during, what } = one;
  // A half that a failover lost is sent again, with the request id of the whole.
  if (uncounted.includes(what.kind)) return;
  const taken = requests.get(requestId)?.length ?? 0;
  const orders = what.kind === 'place' ? what.orders : [];
  const most = Math.max(1, orders.length + headsOf(what));
  // A repeat takes what the first one has not.
  const isNamed = what.kind === 'move' || orders.some(({ clientOid }) => clientOid !== null);
  if (taken > most)
    doubled.push({ during, says: `${requestId} (${what.kind}) took ${taken} sequences, and meant ${most}` });
  if (taken > 0 && saysNothingTaken(one))
    contradicted.push({ during, says: `${requestId} was not to be taken, and was` });
  if (isNamed) return;
  if (taken < most && isGood(one) && what.kind !== 'place')
    lost.push({ during, says: `${requestId} (${what.kind}) was answered, and is not there` });
  if (taken > 0 && taken < most)
    contradicted.push({ during, says: `${requestId} was taken by ${taken} of ${most}` });
}

/** The command that makes a batch of orders has a sequence too, before theirs. */
function headsOf(what: Sent['what']): number {
  return what.kind === 'place' && what.isAllOrNone ? 1 : 0;
}

type Comparing = { readonly stored: Stored; readonly findings: Findings };

/** All of its orders were refused, or none was, and all are there, or none is. */
function compareTogether(one: Sent, orders: readonly Meant[], { stored, findings }: Comparing): void {
  if (headsOf(one.what) === 0) return;
  const rows = orders.map((meant, i) => stored.orders.get(idsOf(one, i, { meant, stored })[0] ?? -1));
  const became = new Set(rows.map((row) => (row ? row.status === 'rejected' : null)));
  if (became.size > 1)
    findings.contradicted.push({
      during: one.during,
      says: `${one.requestId} was for all or none; ${JSON.stringify(rows)}`,
    });
}

function compareOrders(one: Sent, orders: readonly Meant[], { stored, findings }: Comparing): void {
  const told = toldOf(one);
  const { during } = one;
  orders.forEach((meant, i) => {
    const says = told[i] ?? null;
    const name = `${one.requestId}[${i}] (trader ${meant.traderId}, client_oid ${meant.clientOid})`;
    const ids = idsOf(one, i, { meant, stored });
    if (ids.length > 1) findings.doubled.push({ during, says: `${name} is there as ${ids.join(' and ')}` });
    if (ids.length === 0 && says !== null)
      findings.lost.push({ during, says: `${name} was answered ${JSON.stringify(says)}, and is not there` });
    const row = ids.length === 0 ? undefined : stored.orders.get(ids[0]!);
    const difference = row && differenceOf(meant, says, row);
    if (difference)
      findings.contradicted.push({
        during,
        says: `${name}: ${difference}; ${JSON.stringify({ says, row })}`,
      });
  });
}

/** By its client order id, or by its place in its request. */
function idsOf(
  { requestId, what }: Sent,
  i: number,
  { meant, stored }: { meant: Meant; stored: Stored },
): readonly number[] {
  if (meant.clientOid !== null) return stored.byClientOid.get(nameOf(meant.traderId, meant.clientOid)) ?? [];
  const taken = stored.requests.get(requestId) ?? [];
  const heads = headsOf(what);
  const isWhole = what.kind === 'place' && taken.length >= what.orders.length + heads;
  return isWhole ? [taken[i + heads]!] : [];
}

function differenceOf(meant: Meant, says: Told | Refused | null, row: OrderRow): string | null {
  const isMeant =
    row.trader_id === meant.traderId && row.product_id === meant.productId && row.side === meant.side;
  if (!isMeant || row.price !== meant.price || row.client_oid !== meant.clientOid)
    return 'another order was meant';
  if (says === null) return null;
  if ('refused' in says) return row.reject_reason === says.refused ? null : 'it was not refused so';
  if (Number(says.id) !== row.id) return 'it has another id';
  if (says.status === 'pending') return null;
  const filled = Number(says.filled_size);
  if (says.status === 'open' || says.status === 'active')
    return row.status !== 'rejected' && row.filled_size >= filled ? null : 'it was not open';
  if (row.status !== says.status) return `it is not ${says.status}`;
  const isFilled = row.status === 'done' && row.done_reason === 'filled';
  if (isFilled !== (says.done_reason === 'filled')) return 'it was done for another reason';
  const value = Math.round(Number(says.executed_value) * 100);
  return row.filled_size === filled && row.executed_value === value ? null : 'it traded otherwise';
}

/** A cancel, an amend or a movement of money. */
function compareChange(one: Sent, { stored, findings }: Comparing): void {
  const { requestId, during, what, answer } = one;
  const { lost, contradicted } = findings;
  if (what.kind === 'place' || what.kind === 'read' || what.kind === 'move between') return;
  if (what.kind === 'status' || answer === null) return;
  if (what.kind === 'cancel all') {
    for (const id of isGood(one) ? (answer.body as string[]) : [])
      if (stored.orders.get(Number(id))?.status !== 'done')
        contradicted.push({ during, says: `${requestId}: ${id} is not done` });
    return;
  }
  const isRefused = answer.status === 400 || answer.status === 404;
  if (!isGood(one) && !isRefused) return;
  if (what.kind === 'move') {
    const row = stored.transfers.get(nameOf(what.shard, what.transferId));
    const name = `${requestId} (transfer_id ${what.transferId})`;
    if (!row) lost.push({ during, says: `${name} was answered ${answer.status}, and is not there` });
    else if ((row.reject_reason !== null) !== isRefused || row.amount !== what.amount)
      contradicted.push({ during, says: `${name} was answered ${answer.status}; ${JSON.stringify(row)}` });
    return;
  }
  const [sequence] = stored.requests.get(requestId) ?? [];
  const reason = sequence === undefined ? undefined : stored.commands.get(sequence);
  if (reason === undefined || (reason !== null) === isRefused) return;
  const name = `${requestId} (${what.kind} of ${what.orderId})`;
  contradicted.push({ during, says: `${name} was answered ${answer.status}, and ${reason ?? 'done'}` });
}

/** A product is as the last one said who was answered; as one that was not answered said, if nobody was answered after it. */
function compareStatuses(sent: readonly Sent[], { products }: Stored, { lost }: Findings): void {
  const may = new Map<string, { during: string; statuses: string[] }>();
  for (const one of sent) {
    const { what, during, answer } = one;
    if (what.kind !== 'status' || (answer !== null && answer.status < 500 && !isGood(one))) continue;
    const before = isGood(one) ? [] : (may.get(what.productId)?.statuses ?? ['online']);
    may.set(what.productId, { during, statuses: [...before, what.status] });
  }
  for (const [productId, { during, statuses }] of may)
    if (!statuses.includes(products.get(productId) ?? ''))
      lost.push({
        during,
        says: `${productId} is ${products.get(productId)}, and was made ${statuses.join(' or ')}`,
      });
}

/** Nothing is there that nobody sent. */
function findUnsent(sent: readonly Sent[], stored: Stored, { contradicted }: Findings): void {
  const known = new Set(sent.map(({ requestId }) => requestId));
  for (const [requestId, [sequence]] of stored.requests)
    if (!known.has(requestId))
      contradicted.push({ during: 'none', says: `nobody sent ${requestId}, which has sequence ${sequence}` });
}
