import { startInstantAws } from '../test/doubles/start-instant-aws';

/** Runs AWS's stand-in in a separate process, so that its cost is not counted as the function's. */
void startInstantAws(['openai']).then(({ endpoint }) => {
  process.send?.({ endpoint });
});
process.on('disconnect', () => {
  process.exit(0);
});
