const { createServer } = require('node:http');

/**
 * Runs a server in a separate process, so that load and server do not share an event loop, and without a compiler in it.
 * Arguments: `bare`, or `keyward` and a data directory, which runs what `npm start` runs. Sends its port, and on request its
 * processor time.
 */

/** The baseline: parses a JSON body, answers JSON of about the size of a decrypt's reply, and does nothing else. */
function startBare() {
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { ciphertext } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const body = JSON.stringify({
        plaintext: ciphertext.slice(0, 108),
        provider: 'openai',
        key_version: 1,
        rewrap_recommended: false,
      });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}

function startKeyward(home) {
  process.env.PORT = '0';
  process.env.KEYWARD_HOME = home;
  process.argv.length = 2;
  // Its first screen has the address.
  const write = process.stdout.write;
  process.stdout.write = (text, ...rest) => {
    const port = /running at http:\/\/127\.0\.0\.1:(\d+)/.exec(String(text))?.[1];
    if (port !== undefined) process.send({ port: Number(port) });
    return write.call(process.stdout, text, ...rest);
  };
  require('../bin/local.cjs');
}

process.on('message', () => process.send({ cpu: process.cpuUsage() }));
process.on('disconnect', () => process.exit(0));
const [kind, home = ''] = process.argv.slice(2);
if (kind === 'bare') startBare();
else startKeyward(home);
