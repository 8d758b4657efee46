import type { Command } from './command';

/** How a command is called: its words, parameters and required options. */
export const synopsis = ({
  words,
  parameters,
  required,
  rest,
  options,
  takesProgram,
}: Pick<Command, 'words' | 'parameters' | 'required' | 'rest' | 'options' | 'takesProgram'>): string =>
  [
    ...words,
    ...parameters.map((name, index) => (index < required ? `<${name}>` : `[${name}]`)),
    ...(rest === undefined ? [] : [`[${rest}]...`]),
    ...(takesProgram === true ? ['[OPTIONS] -- <program> [argument]...'] : []),
    ...Object.values(options).flatMap((option) => ('needed' in option ? [option.shown] : [])),
  ].join(' ');
