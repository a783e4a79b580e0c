import test from 'ava';
import fc from 'fast-check';
import { decodeCommand, encodeCommand } from '../../core/commands.ts';
import { anyCommand } from '../support/arbitrary-commands.ts';
import { cancelCommand, placeCommand, productCommand } from '../support/commands.ts';

test('every command survives encoding and decoding', (t) => {
  fc.assert(
    fc.property(anyCommand, (command) => {
      t.deepEqual(decodeCommand(encodeCommand(command).split(' ')), command);
    }),
    { numRuns: 1_000 },
  );
});

test('a command is one line with as many words as its kind has', (t) => {
  const words = { place: 12, cancel: 5, amend: 6, product: 5 };
  fc.assert(
    fc.property(anyCommand, (command) => {
      const line = encodeCommand(command);
      return !line.includes('\n') && line.split(' ').length === words[command.kind];
    }),
  );
  t.pass();
});

test('a command is decoded from where it begins', (t) => {
  const words = ['7', 'ok', ...encodeCommand(placeCommand()).split(' ')];
  t.deepEqual(decodeCommand(words, 2), placeCommand());
});

test('commands read as documented', (t) => {
  const limit = placeCommand({
    traderId: 3,
    size: 2,
    postOnly: true,
    selfTradePrevention: 'dc',
    time: 9,
    clientOid: 'c-1',
  });
  t.is(encodeCommand(limit), 'place 3 A-USD buy 500 2 - GTC post dc 9 c-1');
  const market = placeCommand({ price: null, size: null, funds: 70, timeInForce: 'IOC', time: 9 });
  t.is(encodeCommand(market), 'place 1 A-USD buy - - 70 IOC - none 9 -');
  t.is(encodeCommand(cancelCommand({ orderId: 4, time: 9 })), 'cancel 1 4 - 9');
  t.is(encodeCommand(cancelCommand({ orderId: 4, time: 9, productId: 'A-USD' })), 'cancel 1 4 A-USD 9');
  t.is(
    encodeCommand({ kind: 'amend', traderId: 1, orderId: 4, price: null, size: 6, time: 9 }),
    'amend 1 4 - 6 9',
  );
  t.is(
    encodeCommand(productCommand({ status: 'cancel_only', version: 2, time: 9 })),
    'product A-USD cancel_only 2 9',
  );
});

test('an unknown verb is an error that shows the line', (t) => {
  t.throws(() => decodeCommand(['7', 'ok', 'buy', 'low'], 2), { message: 'unknown command: buy low' });
});
