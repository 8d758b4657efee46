import { startInstantAws } from '../test/doubles/start-instant-aws';

/** AWS's stand-in in a process of its own, so that what it costs is not what a function costs. */
void startInstantAws(['openai']).then(({ endpoint }) => {
  process.send?.({ endpoint });
});
process.on('disconnect', () => {
  process.exit(0);
});
