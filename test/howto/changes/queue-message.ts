import type { Howto } from '../howto';

/** The schema is the type; what serves a message is beside it. Queue, worker and local mode carry whatever it is. */
export const QUEUE_MESSAGE: Howto = {
  name: 'a queue message',
  atMost: 3,
  edits: [
    { place: 'dekRotationMessage', append: "z.strictObject({ kind: z.literal('look'), provider: z.string() })" },
    {
      place: 'createServeDekRotationMessage',
      words: "message.kind === 'advance' ? await",
      by: "message.kind === 'advance' || message.kind === 'look' ? await",
    },
  ],
  tests: [
    'test/contract/dek-rotation-queue.test.ts',
    'test/unit/dek-rotation/at-once.test.ts',
    'test/unit/local/dek-rotation-worker.test.ts',
    'test/unit/runtime/dek-rotation-handlers.test.ts',
  ],
  shows: {
    file: 'test/unit/dek-rotation/look.test.ts',
    uses: ['createServeDekRotationMessage', 'dekRotationMessage', 'type DekRotationMessage'],
    text: `
test('the message is understood, served, and sent again', async () => {
  const message: DekRotationMessage = dekRotationMessage.parse({ kind: 'look', provider: 'openai' });
  const done: unknown[] = [];
  const serve = createServeDekRotationMessage({
    work: {
      advance: (provider) => {
        done.push(provider);
        return Promise.resolve(60);
      },
      rekeyShard: () => Promise.reject(new Error('not asked for')),
    },
    queue: {
      send: (...sent) => {
        done.push(sent);
        return Promise.resolve();
      },
    },
  });
  await serve(message, 0);
  expect(done).toEqual(['openai', [[message], 60]]);
});
`,
  },
};
