import { completionTable, HELP_WORD, type CompletionTable, type Offer } from './completion-table';

/** Completes in fish, from 3.0 on. Fish knows both forms of options with values. */
export function fishCompletion(): string {
  const { values, files, commands, options, words } = completionTable();
  const lines = [
    ...options.map((option) => optionLine(option, { values, files })),
    ...commands.flatMap(({ name, options: own }) =>
      own
        .filter(([word]) => !options.some(([other]) => other === word))
        .map((option) => optionLine(option, { values, files }, `__keyward_in '${name}'`)),
    ),
    ...[...words].flatMap(([beginning, offers]) =>
      offers.map(
        ([word, description]) =>
          `complete -c keyward -n "__keyward_at '${beginning}'" -a ${word} -d ${quoted(description)}`,
      ),
    ),
    ...commands.flatMap(({ name, arguments: all }) =>
      all.flatMap((offered, index) =>
        offered.length === 0
          ? []
          : [`complete -c keyward -n "__keyward_at '${name} ${index}'" -a '${offered.join(' ')}'`],
      ),
    ),
  ];
  return `# Completion of keyward for fish, made by: keyward completion fish
set -g __keyward_with_value ${[...values.keys()].join(' ')}

# Prints the command that is named, or what there is of it, and how many arguments follow it.
function __keyward_place
    set -l option
    set -l ended
    set -l words
    for word in (commandline -opc)[2..-1]
        if test -n "$option"
            set option
        else if test -n "$ended"; or not string match -q -- '-*' $word
            set -a words $word
        else if test "$word" = --
            set ended 1
        else if contains -- $word $__keyward_with_value
            set option $word
        end
    end
    set -l help
    if test "$words[1]" = ${HELP_WORD}
        set help 1
        set -e words[1]
    end
    switch "$words "
${commands
  .map(({ name }) => {
    const used = name.split(' ').length;
    return `        case '${name} *'\n            test -n "$help"; or echo '${name}' (math (count $words) - ${used})`;
  })
  .join('\n')}
        case '*'
            echo "$words"
    end
end

function __keyward_at
    contains -- (commandline -opc)[-1] $__keyward_with_value; and return 1
    set -l place (__keyward_place)
    test (count $place) -eq 1; and test "$place" = "$argv[1]"
end

function __keyward_in
    string match -qr -- "^$argv[1] [0-9]+\\$" (__keyward_place)
end

complete -c keyward -f
${lines.join('\n')}
`;
}

function optionLine(
  [word, description]: Offer,
  { values, files }: Pick<CompletionTable, 'values' | 'files'>,
  where?: string,
): string {
  const offered = values.get(word);
  const value =
    offered === undefined
      ? ''
      : files.includes(word)
        ? ' -r -F'
        : offered.length === 0
          ? ' -x'
          : ` -x -a '${offered.join(' ')}'`;
  const condition = where === undefined ? '' : ` -n "${where}"`;
  return `complete -c keyward${condition} -l ${word.slice(2)}${value} -d ${quoted(description)}`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
