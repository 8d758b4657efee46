import net from 'node:net';

// eslint-disable-next-line @typescript-eslint/unbound-method -- compared, never called
const whileLoading = net.Socket.prototype.connect;

test('a unit test cannot open a socket', () => {
  expect(() => new net.Socket().connect(1)).toThrow('unit tests must not open sockets');
});

test('what a file without a test to run leaves behind opens sockets: nothing is forbidden while it loads', () => {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- compared, never called
  expect(whileLoading).not.toBe(net.Socket.prototype.connect);
});
