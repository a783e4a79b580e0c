import test from 'ava';
import fc from 'fast-check';
import { decodeCommand, encodeCommand, readCommand } from '../../../core/wire/commands.ts';
import { Words } from '../../../core/wire/words.ts';
import { anyCommand } from '../../support/arbitrary-commands.ts';
import {
  amendCommand,
  batchCommand,
  cancelCommand,
  depositCommand,
  oneToOne,
  placeCommand,
  productCommand,
  transferCommand,
  withdrawCommand,
} from '../../support/commands.ts';
import { seed } from '../../support/seed.ts';

test('every command survives encoding and decoding', (t) => {
  fc.assert(
    fc.property(anyCommand, (command) => {
      t.deepEqual(decodeCommand(encodeCommand(command)), command);
    }),
    { numRuns: 1_000, seed },
  );
});

test('a command is one line with as many words as its kind has', (t) => {
  const words = {
    ...{ place: 13, cancel: 6, amend: 7, time: 5, freeze: 4, unfreeze: 4, batch: 4 },
    ...{ deposit: 7, withdraw: 7, transfer: 8 },
  };
  fc.assert(
    fc.property(anyCommand, (command) => {
      const line = encodeCommand(command);
      const hasRules =
        command.kind === 'product' && Object.values(command.rules).some((rule) => rule !== null);
      const hasTerms =
        'stopPrice' in command &&
        [command.stopPrice, command.expireTime, 'maxFloor' in command ? command.maxFloor : null].some(
          (term) => term !== null,
        );
      const expected =
        command.kind === 'product' ? (hasRules ? 8 : 7) : words[command.kind] + (hasTerms ? 1 : 0);
      return !line.includes('\n') && line.split(' ').length === expected;
    }),
    { seed },
  );
  t.pass();
});

test('a command is read from where it begins to the end of its line', (t) => {
  const words = new Words(`7 ok ${encodeCommand(placeCommand())}\n${encodeCommand(cancelCommand())}\n9 ok`);
  t.deepEqual([words.number(), words.text()], [7, 'ok']);
  t.deepEqual(readCommand(words), placeCommand());
  t.deepEqual(readCommand(words), cancelCommand());
  t.is(words.rest(), '9 ok');
});

test('commands read as documented', (t) => {
  const limit = placeCommand({
    traderId: 3,
    size: 2,
    postOnly: true,
    selfTradePrevention: 'dc',
    time: 9,
    clientOid: 'c-1',
    requestId: 'r-1',
  });
  t.is(encodeCommand(limit), 'place 3 A-USD buy 500 2 - GTC post dc c-1 9 r-1');
  const market = placeCommand({ price: null, size: null, funds: 70, timeInForce: 'IOC', time: 9 });
  t.is(encodeCommand(market), 'place 1 A-USD buy - - 70 IOC - none - 9 -');
  t.is(encodeCommand(batchCommand({ count: 3, time: 9, requestId: 'r-1' })), 'batch 3 9 r-1');
  t.is(encodeCommand(cancelCommand({ orderId: 4, time: 9 })), 'cancel 1 4 - 9 -');
  t.is(encodeCommand(cancelCommand({ orderId: 4, time: 9, productId: 'A-USD' })), 'cancel 1 4 A-USD 9 -');
  t.is(
    encodeCommand(amendCommand({ orderId: 4, size: 6, time: 9, requestId: 'r-2' })),
    'amend 1 4 - 6 9 r-2',
  );
  t.is(
    encodeCommand(productCommand({ status: 'cancel_only', version: 2, time: 9 })),
    'product A-USD cancel_only 2 - 9 -',
  );
  t.is(
    encodeCommand(productCommand({ funding: { ...oneToOne, baseUnits: 3, quoteUnits: 7 }, time: 9 })),
    'product A-USD online 1 CARD:3:USD:7 9 -',
  );
  t.is(
    encodeCommand(
      productCommand({
        rules: { maxMakers: 100, maxSize: 5, collar: 100_000, makerFee: 4_000, takerFee: 6_000 },
        time: 9,
      }),
    ),
    'product A-USD online 1 - makers:100,size:5,collar:100000,maker_fee:4000,taker_fee:6000 9 -',
  );
});

test('lines from before there was money are read for ever', (t) => {
  const old = { time: 1_700_000_000_123, requestId: null };
  const commands = [
    [
      'place 3 A-USD buy 500 2 - GTC post dc 1700000000123 c-1',
      placeCommand({
        ...{ traderId: 3, size: 2, postOnly: true, selfTradePrevention: 'dc', clientOid: 'c-1' },
        ...old,
      }),
    ],
    [
      'place 1 A-USD sell - - 70 IOC - none 1700000000123 -',
      placeCommand({ side: 'sell', price: null, size: null, funds: 70, timeInForce: 'IOC', ...old }),
    ],
    ['cancel 1 4 - 1700000000123', cancelCommand({ orderId: 4, ...old })],
    ['cancel 1 4 A-USD 1700000000123', cancelCommand({ orderId: 4, productId: 'A-USD', ...old })],
    ['amend 1 4 510 - 1700000000123', amendCommand({ orderId: 4, price: 510, ...old })],
    ['product A-USD offline 7 1700000000123', productCommand({ status: 'offline', version: 7, ...old })],
  ] as const;
  for (const [line, command] of commands) t.deepEqual(decodeCommand(line), command);
  const words = new Words(commands.map(([line]) => `${line}\n`).join(''));
  for (const [, command] of commands) t.deepEqual(readCommand(words), command);
  t.true(words.atEnd());
});

test('movements of money read as documented', (t) => {
  const different = { amount: 70, transferId: 't-9', time: 9, requestId: 'r-3' };
  t.is(encodeCommand(depositCommand(different)), 'deposit 1 USD 70 t-9 9 r-3');
  t.is(encodeCommand(withdrawCommand(different)), 'withdraw 1 USD 70 t-9 9 r-3');
  t.is(encodeCommand(transferCommand({ ...different, toTraderId: 4 })), 'transfer 1 4 USD 70 t-9 9 r-3');
});

test('an unknown verb is an error that shows the line', (t) => {
  t.throws(() => decodeCommand('buy low'), { message: 'unknown command: buy low' });
});
