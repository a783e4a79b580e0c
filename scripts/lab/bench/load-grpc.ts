// The load by gRPC: the same batches as by REST, over streams of orders.

import { BinaryReader } from '@bufbuild/protobuf/wire';
import { credentials, Client as GrpcClient, Metadata } from '@grpc/grpc-js';
import { ExchangeService } from '../../../api/grpc/generated/cardstock/v1/exchange.ts';
import {
  AnswerWith,
  type NewOrder,
  StreamOrdersRequest,
} from '../../../api/grpc/generated/cardstock/v1/orders.ts';
import { Side } from '../../../api/grpc/generated/cardstock/v1/words.ts';
import type { LoadOptions, LoadResult } from './load-process.ts';
import type { BenchOrder } from './orders.ts';

const usual = {
  type: 0,
  funds: '',
  time_in_force: 0,
  post_only: false,
  self_trade_prevention: 0,
  client_oid: '',
  stop: 0,
  stop_price: '',
  cancel_after: '',
  expire_time: undefined,
  max_floor: '',
} as const;

export function messageOf(orders: readonly BenchOrder[], { async }: Pick<LoadOptions, 'async'>): Uint8Array {
  const answer_with = async ? AnswerWith.ACCEPTANCE : AnswerWith.VERDICTS;
  const batch = { batch_id: 1, orders: orders.map(newOrder), answer_with, all_or_none: false };
  return StreamOrdersRequest.encode(batch).finish();
}

function newOrder({ traderId, productId, side, price, size }: BenchOrder): NewOrder {
  return {
    ...usual,
    product_id: productId,
    side: side === 'buy' ? Side.BUY : Side.SELL,
    price: (price / 100).toFixed(2),
    size: String(size),
    trader_id: String(traderId),
  };
}

const acceptanceTag = 0x12;
const verdictsTag = 0x1a;

/** Looks no further into an answer than to see that it is none that refuses: a client's decoding is not what is measured. */
function assertTaken(bytes: Buffer): void {
  const reader = new BinaryReader(bytes);
  reader.uint32();
  reader.uint64();
  const tag = reader.uint32();
  if (tag !== acceptanceTag && tag !== verdictsTag)
    throw new Error(`a batch was refused: ${bytes.toString('latin1')}`);
}

type Batches = Iterable<{ readonly bytes: Buffer; readonly orders: number }>;

/** Sends batches over as many streams as there are connections. As many are under way as the exchange reads. */
export async function sendByGrpc(options: LoadOptions, batches: Batches): Promise<LoadResult> {
  const result = { orders: 0, refused: 0, cancels: 0 };
  const left = batches[Symbol.iterator]();
  const streamAll = (): Promise<void> => {
    const client = new GrpcClient(`127.0.0.1:${options.grpcPort}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${options.token}`);
    const stream = client.makeBidiStreamRequest<Buffer, Buffer>(
      ExchangeService.streamOrders.path,
      (bytes) => bytes,
      (bytes) => bytes,
      metadata,
    );
    const write = (): void => {
      for (;;) {
        const { value, done } = left.next();
        if (done) {
          stream.end();
          return;
        }
        result.orders += value.orders;
        if (!stream.write(value.bytes)) {
          stream.once('drain', write);
          return;
        }
      }
    };
    return new Promise((resolve, reject) => {
      stream.on('data', assertTaken);
      stream.on('error', reject);
      stream.on('end', () => {
        client.close();
        resolve();
      });
      write();
    });
  };
  await Promise.all(Array.from({ length: options.connections }, streamAll));
  return result;
}
