import fc from 'fast-check';
import { runs } from '../../effort';
import { isLinearizable, type ObservedCall } from '../../linearizability/linearizability';
import { undoRegister, type UndoInput, type UndoOutput, type UndoState } from '../../linearizability/undo-register';

type Call = ObservedCall<UndoInput, UndoOutput>;

/** Beginning, end, request and answer; left out: unknown. */
const call = (calledAt: number, answeredAt: number, input: UndoInput, output?: UndoOutput): Call => ({
  calledAt,
  answeredAt,
  input,
  ...(output && { output }),
});

const put = (value: string, match?: number | 'none'): UndoInput => ({
  call: 'put',
  value,
  ...(match !== undefined && { match }),
});
const restore = (revision: number): UndoInput => ({ call: 'restore', revision });
const deleted: UndoInput = { call: 'delete', purge: false };
const [read, purge, previous]: UndoInput[] = [{ call: 'read' }, { call: 'purge' }, { call: 'previous' }];
const A = call(1, 2, put('a'), { revision: 1 });
const B = call(3, 4, put('b'), { revision: 2, previous: 1 });
const NOT_FOUND = { code: 'credential_not_found' };

const GOOD: readonly (readonly [string, readonly Call[]])[] = [
  ['nothing', []],
  [
    'one after the other',
    [
      A,
      B,
      call(5, 6, restore(1), { revision: 3, previous: 2 }),
      call(7, 8, read!, { value: 'a', revision: 3, previous: 2 }),
    ],
  ],
  [
    'a read beside a put that sees it',
    [
      A,
      call(3, 8, put('b'), { revision: 2, previous: 1 }),
      call(4, 5, read!, { value: 'b', revision: 2, previous: 1 }),
    ],
  ],
  [
    'a read beside a put that does not',
    [A, call(3, 8, put('b'), { revision: 2, previous: 1 }), call(4, 5, read!, { value: 'a', revision: 1 })],
  ],
  [
    'two puts at once, answered the other way round',
    [call(1, 9, put('a'), { revision: 2, previous: 1 }), call(2, 8, put('b'), { revision: 1 })],
  ],
  [
    'an unanswered put that nobody sees',
    [A, call(3, Infinity, put('b')), call(5, 6, read!, { value: 'a', revision: 1 })],
  ],
  [
    'an unanswered put that takes effect late',
    [
      A,
      call(3, Infinity, put('b')),
      call(5, 6, read!, { value: 'a', revision: 1 }),
      call(7, 8, read!, { value: 'b', revision: 2, previous: 1 }),
    ],
  ],
  [
    'the retry of a put, which leaves the value before',
    [A, B, call(5, 6, put('b'), { revision: 3, previous: 1 }), call(7, 8, restore(1), { revision: 4, previous: 3 })],
  ],
  [
    'a deletion that is undone',
    [
      A,
      call(3, 4, deleted, {}),
      call(5, 6, read!, NOT_FOUND),
      call(7, 8, put('b', 'none'), { revision: 3, previous: 1 }),
    ],
  ],
];

const BAD: readonly (readonly [string, readonly Call[]])[] = [
  ['a read of what was replaced before', [A, B, call(5, 6, read!, { value: 'a', revision: 1 })]],
  [
    'a read of what is stored only later',
    [call(1, 2, read!, { value: 'a', revision: 1 }), call(3, 4, put('a'), { revision: 1 })],
  ],
  [
    'a read that goes back',
    [
      A,
      call(3, 9, put('b'), { revision: 2, previous: 1 }),
      call(4, 5, read!, { value: 'b', revision: 2, previous: 1 }),
      call(6, 7, read!, { value: 'a', revision: 1 }),
    ],
  ],
  [
    'two puts on one revision',
    [A, call(3, 8, put('b', 1), { revision: 2, previous: 1 }), call(4, 7, put('c', 1), { revision: 3, previous: 2 })],
  ],
  ['a refusal without a reason', [A, call(3, 4, put('b', 1), { code: 'precondition_failed' })]],
  ['a revision that is used twice', [A, call(3, 4, deleted, {}), call(5, 6, put('b'), { revision: 2, previous: 1 })]],
  ['a restore that raises no revision', [A, B, call(5, 6, restore(1), { revision: 2, previous: 2 })]],
  [
    'a restore that does not exchange',
    [
      A,
      B,
      call(5, 6, restore(1), { revision: 3, previous: 2 }),
      call(7, 8, restore(2), { revision: 4, previous: 3 }),
      call(9, 10, read!, { value: 'a', revision: 4, previous: 3 }),
    ],
  ],
  [
    'a restore of another value than it says',
    [
      A,
      B,
      call(5, 6, restore(1), { revision: 3, previous: 2 }),
      call(7, 8, read!, { value: 'b', revision: 3, previous: 2 }),
    ],
  ],
  [
    'a restore of what was purged',
    [A, B, call(5, 6, purge!, {}), call(7, 8, restore(1), { revision: 4, previous: 3 })],
  ],
  ['a purged value that is told of', [A, B, call(5, 6, purge!, {}), call(7, 8, previous!, { revision: 1 })]],
  [
    'a purge that takes a fresh value',
    [
      A,
      B,
      call(5, 6, purge!, {}),
      call(7, 8, put('c'), { revision: 4, previous: 3 }),
      call(9, 10, previous!, { code: 'previous_value_not_found' }),
    ],
  ],
  ['the retry of a put that displaces the value before', [A, B, call(5, 6, put('b'), { revision: 3, previous: 2 })]],
  ['a read after a deletion', [A, call(3, 4, deleted, {}), call(5, 6, read!, { value: 'a', revision: 1 })]],
  [
    'a deletion that forgets',
    [A, call(3, 4, deleted, {}), call(5, 6, restore(1), { code: 'previous_value_not_found' })],
  ],
  [
    'an unanswered put that comes and goes',
    [
      A,
      call(3, Infinity, put('b')),
      call(5, 6, read!, { value: 'b', revision: 2, previous: 1 }),
      call(7, 8, read!, { value: 'a', revision: 1 }),
    ],
  ],
  [
    'an unanswered put that takes effect twice',
    [
      A,
      call(3, Infinity, put('b')),
      call(5, 6, put('c'), { revision: 3, previous: 2 }),
      call(7, 8, put('d'), { revision: 5, previous: 4 }),
    ],
  ],
  [
    'an unanswered put that takes effect before it is sent',
    [A, call(3, 4, read!, { value: 'b', revision: 2, previous: 1 }), call(5, Infinity, put('b'))],
  ],
];

test.each(GOOD)('%s is linearizable', (_, calls) => {
  expect(isLinearizable(calls, undoRegister)).toBe(true);
});

test.each(BAD)('%s is not', (_, calls) => {
  expect(isLinearizable(calls, undoRegister)).toBe(false);
});

/** The definition itself: every subset of the unanswered calls, every order. */
function byDefinition(calls: readonly Call[]): boolean {
  const extend = (state: UndoState, rest: readonly Call[]): boolean => {
    if (rest.every(({ output }) => output === undefined)) return true;
    return rest.some((next) => {
      const others = rest.filter((each) => each !== next);
      if (others.some(({ output, answeredAt }) => output !== undefined && answeredAt < next.calledAt)) return false;
      const after = undoRegister.step(state, next.input, next.output);
      return after !== undefined && extend(after, others);
    });
  };
  return extend(undoRegister.initial, calls);
}

const inputs = fc.oneof(
  fc.record({ call: fc.constant('put' as const), value: fc.constantFrom('a', 'b', 'c') }),
  fc.record({
    call: fc.constant('put' as const),
    value: fc.constantFrom('a', 'b'),
    match: fc.constantFrom(1, 2, 'none' as const),
  }),
  fc.record({ call: fc.constant('delete' as const), purge: fc.boolean() }),
  fc.record({ call: fc.constant('restore' as const), revision: fc.constantFrom(1, 2, 3) }),
  fc.constantFrom<UndoInput>({ call: 'purge' }, { call: 'read' }, { call: 'previous' }),
);

/** Calls that were made one after the other at places of their own, and whose beginnings and ends lie around those. */
const histories = fc
  .array(
    fc.tuple(inputs, fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 9 })),
    { maxLength: 6 },
  )
  .map((drawn) => {
    let state = undoRegister.initial;
    return drawn.map(([input, before, after, luck], index): Call => {
      const at = index * 10;
      const next = answerOf(state, input);
      // Unanswered, and made or not.
      if (luck > 0) state = next.state;
      const output = luck < 2 ? {} : { output: next.output };
      return {
        input,
        ...output,
        calledAt: at - before - index / 100,
        answeredAt: luck < 2 ? Infinity : at + after + index / 100,
      };
    });
  });

/** The model's answer: the only output that it accepts. */
function answerOf(state: UndoState, input: UndoInput): { state: UndoState; output: UndoOutput } {
  const next = undoRegister.step(state, input, undefined)!;
  const numbers = [undefined, 1, 2, 3, 4, 5, 6];
  const codes = ['credential_not_found', 'previous_value_not_found', 'previous_value_changed', 'precondition_failed'];
  const all: UndoOutput[] = [
    ...codes.map((code) => ({ code })),
    ...numbers.flatMap((revision) =>
      numbers.flatMap((before) =>
        [undefined, 'a', 'b', 'c'].map((value) => ({
          ...(revision !== undefined && { revision }),
          ...(before !== undefined && { previous: before }),
          ...(value !== undefined && { value }),
        })),
      ),
    ),
  ];
  const taken = all.filter((output) => undoRegister.step(state, input, output) !== undefined);
  expect(taken).toHaveLength(1);
  return { state: next, output: taken[0]! };
}

test('what was made one after the other is linearizable, however its beginnings and ends overlap', () => {
  fc.assert(
    fc.property(histories, (calls) => isLinearizable(calls, undoRegister)),
    { numRuns: runs(300) },
  );
});

test('of histories with something changed in them it says what the definition says', () => {
  let bad = 0;
  fc.assert(
    fc.property(histories, fc.nat(), fc.nat(), (calls, at, other) => {
      const changed = calls.map((each, index): Call => {
        const { output } = calls[other % calls.length]!;
        return index === at % calls.length && output !== undefined ? { ...each, output } : each;
      });
      const isGood = byDefinition(changed);
      if (!isGood) bad += 1;
      return isLinearizable(changed, undoRegister) === isGood;
    }),
    { numRuns: runs(1_000, 200) },
  );
  expect(bad).toBeGreaterThan(20);
});
