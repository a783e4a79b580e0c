import test from 'ava';
import { readTarget } from '../../api/webhooks/target.ts';
import { isPublicAddress } from '../../core/public-address.ts';
import { send } from '../../notifier/send.ts';
import { startReceiver } from '../support/receiver.ts';

test('addresses that are private, loopback, link-local or reserved are not public, in IPv6 as well', (t) => {
  const inner =
    '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 ' +
    '192.0.2.1 192.168.1.1 198.18.0.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ' +
    '::ffff:8.8.8.8 64:ff9b::7f00:1 fc00::1 fd12::1 fe80::1 ff02::1 2001:db8::1 2002:7f00:1:: 2001::1 nonsense';
  for (const address of inner.split(' ')) t.false(isPublicAddress(address), address);
  for (const address of ['8.8.8.8', '172.32.0.1', '1.1.1.1', '2606:4700::1111', '2a00:1450::1'])
    t.true(isPublicAddress(address), address);
});

test('an inner address is refused when it is registered, however it is written', async (t) => {
  const hosts =
    '127.0.0.1 2130706433 0x7f.1 0177.0.0.1 127.1 [::1] [::ffff:127.0.0.1] [::ffff:7f00:1] localhost 10.0.0.1 ' +
    '169.254.169.254 [fe80::1] 0 no-such-host.invalid';
  for (const host of hosts.split(' '))
    await t.throwsAsync(readTarget(`https://${host}/x`, false), { message: /^Invalid url: / }, host);
  await t.throwsAsync(readTarget('http://8.8.8.8/', false), { message: /must be https/ });
  await t.throwsAsync(readTarget('https://user:secret@8.8.8.8/', false), { message: /no user and password/ });
  t.is(await readTarget('https://8.8.8.8/hook#part', false), 'https://8.8.8.8/hook');
  t.is(await readTarget('http://localhost:8080/', true), 'http://localhost:8080/');
});

test('an inner address is refused again when it is connected to', async (t) => {
  const receiver = await startReceiver();
  t.teardown(receiver.close);
  const port = new URL(receiver.url('/')).port;
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '[::ffff:127.0.0.1]']) {
    const message = { url: `http://${host}:${port}/`, headers: {}, body: '{}', timeoutMs: 2_000 };
    const refused = await send({ ...message, allowPrivate: false });
    t.is(refused.kind, 'failed', host);
    t.regex(JSON.stringify(refused), /not a public address/);
  }
  t.deepEqual(receiver.received, []);
});
