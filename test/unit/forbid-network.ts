import net from 'node:net';

/**
 * A unit test that opens a socket fails where it tries, not where the machine happens to have no network. Put back
 * afterwards: test files that follow in the same process share node's own modules.
 */
// eslint-disable-next-line @typescript-eslint/unbound-method -- kept to be put back, never called by itself
const { connect } = net.Socket.prototype;

net.Socket.prototype.connect = () => {
  throw new Error('unit tests must not open sockets');
};

afterAll(() => {
  net.Socket.prototype.connect = connect;
});
