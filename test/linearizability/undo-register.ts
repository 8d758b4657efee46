import type { SequentialModel } from './linearizability';

/** One stored credential: a register whose last replaced or deleted value can be restored. */
export interface UndoState {
  readonly revision: number;
  readonly current: string | null;
  readonly previous: { readonly revision: number; readonly value: string } | null;
}

export type UndoInput =
  /** @param match the required revision; `none`: no value may exist */
  | { readonly call: 'put'; readonly value: string; readonly match?: number | 'none' }
  | { readonly call: 'delete'; readonly purge: boolean }
  | { readonly call: 'restore'; readonly revision: number }
  | { readonly call: 'purge' }
  | { readonly call: 'read' }
  | { readonly call: 'previous' };

/** The API's answer: an error code, or the shown values. */
export interface UndoOutput {
  readonly code?: string;
  /** The revision of the current value, or of the previous value if that was requested. */
  readonly revision?: number;
  readonly value?: string;
  /** The revision of the previous value, if it is shown beside the current one. */
  readonly previous?: number;
}

interface Stepped {
  readonly next: UndoState;
  readonly output: UndoOutput;
}

const refused = (state: UndoState, code: string): Stepped => ({ next: state, output: { code } });

const shown = (state: UndoState): UndoOutput => ({
  revision: state.revision,
  ...(state.previous !== null && { previous: state.previous.revision }),
});

/** The value that is kept after the current one is replaced or deleted. */
const kept = ({ current, revision, previous }: UndoState): UndoState['previous'] =>
  current === null ? previous : { revision, value: current };

function stepped(state: UndoState, input: UndoInput): Stepped {
  const { current, previous } = state;
  const revision = state.revision + 1;
  switch (input.call) {
    case 'put': {
      const { value, match } = input;
      const isMatched =
        match === undefined || (match === 'none' ? current === null : current !== null && match === state.revision);
      if (!isMatched) return refused(state, 'precondition_failed');
      const next = { revision, current: value, previous: current === value ? previous : kept(state) };
      return { next, output: shown(next) };
    }
    case 'delete': {
      if (current === null) return refused(state, 'credential_not_found');
      return { next: { revision, current: null, previous: input.purge ? null : kept(state) }, output: {} };
    }
    case 'restore': {
      if (state.revision === 0) return refused(state, 'credential_not_found');
      if (previous === null) return refused(state, 'previous_value_not_found');
      if (previous.revision !== input.revision) return refused(state, 'previous_value_changed');
      const exchanged = current === null ? null : { revision: state.revision, value: current };
      const next = { revision, current: previous.value, previous: exchanged };
      return { next, output: shown(next) };
    }
    case 'purge': {
      if (state.revision === 0) return refused(state, 'credential_not_found');
      if (previous === null) return refused(state, 'previous_value_not_found');
      return { next: { revision, current, previous: null }, output: {} };
    }
    case 'read':
      if (current === null) return refused(state, 'credential_not_found');
      return { next: state, output: { ...shown(state), value: current } };
    case 'previous':
      if (state.revision === 0) return refused(state, 'credential_not_found');
      if (previous === null) return refused(state, 'previous_value_not_found');
      return { next: state, output: { revision: previous.revision } };
  }
}

const MEMBERS = ['code', 'revision', 'value', 'previous'] as const;

/** The sequential behaviour of a stored credential. */
export const undoRegister: SequentialModel<UndoState, UndoInput, UndoOutput> = {
  initial: { revision: 0, current: null, previous: null },
  step: (state, input, output) => {
    const { next, output: due } = stepped(state, input);
    return output === undefined || MEMBERS.every((name) => output[name] === due[name]) ? next : undefined;
  },
  keyOf: ({ revision, current, previous }) => JSON.stringify([revision, current, previous?.revision, previous?.value]),
};
