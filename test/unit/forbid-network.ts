import net from 'node:net';

/** A unit test that opens a socket fails where it tries, not where the machine happens to have no network. */
net.Socket.prototype.connect = () => {
  throw new Error('unit tests must not open sockets');
};
