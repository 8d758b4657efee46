import type { Command } from './command';

/** How a command is called: its words, parameters, and the options that it cannot do without. */
export const synopsis = ({
  words,
  parameters,
  required,
  rest,
  options,
}: Pick<Command, 'words' | 'parameters' | 'required' | 'rest' | 'options'>): string =>
  [
    ...words,
    ...parameters.map((name, index) => (index < required ? `<${name}>` : `[${name}]`)),
    ...(rest === undefined ? [] : [`[${rest}]...`]),
    ...Object.values(options).flatMap((option) => ('needed' in option ? [option.shown] : [])),
  ].join(' ');
