import net from 'node:net';

/**
 * A unit test that opens a socket fails where it tries, not where the machine happens to have no network. Put back
 * afterwards: test files that follow in the same process share node's own modules. Forbidden before the first test and not at once:
 * of a file whose tests are all skipped, or that does not load, Jest calls neither hook, and nothing would be put back.
 */
// eslint-disable-next-line @typescript-eslint/unbound-method -- kept to be put back, never called by itself
const { connect } = net.Socket.prototype;

beforeAll(() => {
  net.Socket.prototype.connect = () => {
    throw new Error('unit tests must not open sockets');
  };
});

afterAll(() => {
  net.Socket.prototype.connect = connect;
});
