import { z } from 'zod';
import { feesName } from '../../core/accounts.ts';
import {
  type Described,
  decimalText,
  idText,
  ownOnly,
  ownPage,
  ownPeriod,
  timeText,
} from '../openapi/described.ts';
import { transferStatuses } from '../transfers/between/record.ts';
import { depositBody, transferBody, withdrawalBody } from '../transfers/body.ts';

/** The account of all fees is nobody's. */
const ownerText = z.union([idText, z.literal(feesName)]);

const account = z
  .object({
    id: z.string(),
    currency: z.string(),
    balance: decimalText,
    available: decimalText,
    hold: decimalText,
    profile_id: ownerText,
    trading_enabled: z.boolean(),
  })
  .meta({ id: 'Account' });

const entry = z
  .object({
    id: idText,
    amount: decimalText,
    balance: decimalText,
    created_at: timeText,
    type: z.enum(['transfer', 'match', 'fee', 'rebate', 'conversion']),
    details: z.union([
      z.object({ order_id: idText, product_id: z.string(), trade_id: z.int() }),
      z.object({ from: z.string(), to: z.string(), profile_transfer_id: z.string() }),
    ]),
  })
  .meta({ id: 'LedgerEntry' });

const hold = z
  .object({
    id: idText,
    created_at: timeText,
    updated_at: timeText,
    amount: decimalText,
    type: z.enum(['order', 'transfer']),
    ref: z.string(),
  })
  .meta({ id: 'Hold' });

const transfer = z
  .object({
    id: z.string(),
    type: z.enum(['deposit', 'withdraw', 'internal_deposit', 'internal_withdraw']),
    created_at: timeText,
    completed_at: timeText.nullable(),
    processed_at: timeText.nullable(),
    canceled_at: timeText.nullable(),
    amount: decimalText,
    account_id: z.string(),
    user_id: ownerText,
    user_nonce: z.null(),
    currency: z.string(),
    details: z.looseObject({}),
  })
  .meta({ id: 'Transfer' });

const between = {
  status: z.enum(transferStatuses).meta({
    description: 'returned: the other shard refused the deposit, and whoever paid has the money back',
  }),
  from_shard: z.string(),
  to_shard: z.string(),
  reject_reason: z.string().nullable(),
};
const shardTransfer = transfer.extend(between).meta({ id: 'ShardTransfer' });

const transferQuery = ownPage.extend({
  type: z
    .string()
    .optional()
    .meta({ description: 'deposit, withdraw, internal_deposit or internal_withdraw' }),
});
const position = z
  .object({ product_id: z.string(), base: decimalText, quote: decimalText })
  .meta({ id: 'Position' });
const fees = z
  .object({ maker_fee_rate: decimalText, taker_fee_rate: decimalText, usd_volume: decimalText })
  .meta({ id: 'Fees' });
const profile = z
  .object({
    id: idText,
    user_id: idText,
    name: z.string(),
    active: z.boolean(),
    is_default: z.boolean(),
    created_at: timeText,
  })
  .meta({ id: 'Profile' });
const accountPath = 'The id is the trader’s number, a dash, and the currency.';
const money = { currency: 'USD', amount: '100.00' };

export const accountsDescribed = {
  'GET /accounts': {
    tag: 'Money',
    summary: 'An account for each currency of a funded product',
    query: ownOnly,
    answer: z.array(account),
  },
  'GET /accounts/:id': {
    tag: 'Money',
    summary: 'An account',
    description: accountPath,
    query: ownOnly,
    answer: account,
  },
  'GET /accounts/:id/ledger': {
    tag: 'Money',
    summary: 'What changed an account, the newest first',
    description: `${accountPath} The balance of an entry is that in its own shard.`,
    query: ownPeriod,
    answer: z.array(entry),
  },
  'GET /accounts/:id/holds': {
    tag: 'Money',
    summary: 'What is on hold, and for which orders',
    description: accountPath,
    query: ownPage,
    answer: z.array(hold),
  },
  'GET /accounts/:id/transfers': {
    tag: 'Money',
    summary: 'Transfers to and from an account',
    description: accountPath,
    query: transferQuery,
    answer: z.array(transfer),
  },
  'GET /transfers': {
    tag: 'Money',
    summary: 'A trader’s transfers',
    query: transferQuery,
    answer: z.array(transfer),
  },
  'GET /transfers/:id': {
    tag: 'Money',
    summary: 'How far a transfer between shards has come',
    description: 'The id is the transfer_id of the whole. Transfers within a shard are in the list.',
    query: ownOnly,
    answer: shardTransfer,
  },
  'GET /positions': {
    tag: 'Money',
    summary: 'Net cards and USD from products that touch no account',
    query: ownOnly,
    answer: z.array(position),
  },
  'GET /fees': {
    tag: 'Money',
    summary: 'What trades of a product cost, or the highest of all',
    query: z.object({ product_id: z.string().optional() }),
    answer: fees,
  },
  'GET /profiles': {
    tag: 'Money',
    summary: 'The trader, as the dialect calls it',
    query: ownOnly,
    answer: z.array(profile),
  },
  'POST /deposits': {
    tag: 'Operators',
    summary: 'Bring money in, once for each transfer_id',
    body: depositBody.meta({ id: 'NewDeposit' }),
    answer: transfer,
    example: { ...money, trader_id: 1, transfer_id: 'documented-deposit' },
  },
  'POST /withdrawals': {
    tag: 'Operators',
    summary: 'Take money out, once for each transfer_id',
    body: withdrawalBody,
    answer: transfer,
    example: { ...money, trader_id: 1, transfer_id: 'documented-withdrawal', amount: '1.00' },
  },
  'POST /transfers': {
    tag: 'Operators',
    summary: 'Move money between traders, once for each transfer_id',
    description:
      'With from_shard and to_shard it goes from one shard to the other, where a trader may move its own. Once that is noted it is finished after any failure; 202 says that it is not done yet.',
    body: transferBody.meta({ id: 'NewTransfer' }),
    answer: transfer.extend(z.object(between).partial().shape),
    also: { 202: shardTransfer },
    example: {
      ...money,
      from_trader_id: 1,
      to_trader_id: 2,
      transfer_id: 'documented-transfer',
      amount: '2.00',
    },
  },
} satisfies Record<string, Described>;
