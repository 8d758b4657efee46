import { isKeyShaped } from '../../lambdas/core/contract/key-shaped';

/** POSIX.1-2017, Base Definitions, section 3.235, "Name". Programs may take others; shells cannot name them. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Variables that make a program load code, start other programs, or read its configuration elsewhere. The author of an
 * environment file, or of a key, must not be able to run code with it. Based on what sudo removes from an environment
 * (plugins/sudoers/env.c, `initial_badenv_table`), ld.so(8), and the manuals of the programs. By lines: search paths of programs
 * and their settings; shells; variables that name programs to start; Node; Python; Perl; Ruby; Java; other languages and builds;
 * the C library and OpenSSL; other files that start programs.
 */
const REFUSED: ReadonlySet<string> = new Set(
  [
    'PATH HOME SHELL XDG_CONFIG_HOME XDG_CONFIG_DIRS XDG_DATA_HOME XDG_DATA_DIRS',
    'ENV IFS CDPATH PS4 PROMPT_COMMAND SHELLOPTS GLOBIGNORE ZDOTDIR FPATH NULLCMD READNULLCMD',
    'EDITOR VISUAL PAGER MANPAGER BROWSER LESSOPEN LESSCLOSE SSH_ASKPASS SUDO_ASKPASS SUDO_EDITOR RSYNC_RSH CVS_RSH',
    'NODE_OPTIONS NODE_PATH NODE_REPL_EXTERNAL_MODULE NODE_COMPILE_CACHE ELECTRON_RUN_AS_NODE BUN_OPTIONS',
    'PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONUSERBASE PYTHONINSPECT PYTHONBREAKPOINT PYTHONEXECUTABLE PYTHONPLATLIBDIR PYTHONPYCACHEPREFIX PYTHONWARNINGS',
    'PERLLIB',
    'RUBYLIB RUBYOPT RUBYSHELL RUBYPATH GEM_HOME GEM_PATH BUNDLE_GEMFILE BUNDLE_PATH',
    'JAVA_HOME JAVA_OPTS JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH CATALINA_OPTS MAVEN_OPTS MAVEN_ARGS GRADLE_OPTS',
    'PHPRC PHP_INI_SCAN_DIR R_HOME R_PROFILE R_PROFILE_USER R_ENVIRON R_ENVIRON_USER R_LIBS R_LIBS_USER JULIA_LOAD_PATH JULIA_DEPOT_PATH',
    'ERL_LIBS ERL_FLAGS ERL_AFLAGS ERL_ZFLAGS ELIXIR_ERL_OPTIONS GOFLAGS GOROOT GOTOOLCHAIN CC CXX RUSTC RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTFLAGS CARGO_HOME MAKEFLAGS GNUMAKEFLAGS MAKEFILES',
    'GCONV_PATH GLIBC_TUNABLES LOCPATH NLSPATH HOSTALIASES LOCALDOMAIN RES_OPTIONS TERMINFO TERMINFO_DIRS TERMCAP OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES',
    'AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE KUBECONFIG DOCKER_CONFIG CLOUDSDK_CONFIG CLOUDSDK_PYTHON PIP_CONFIG_FILE',
  ].flatMap((line) => line.split(' ')),
);

/** Prefixes and patterns of such variables. npm accepts its own in lower and upper case (npm config, "Environment Variables"). */
const REFUSED_FAMILIES =
  /^(?:LD_|_RLD|DYLD_|BASH|PERL5|LUA_|COR_PROF|CORECLR_PROF|DOTNET_(?:STARTUP_HOOKS|ADDITIONAL_DEPS|SHARED_STORE|ROOT)|CARGO_(?:BUILD|TARGET|ALIAS|ENCODED)|GIT_(?:CONFIG|SSH|ASKPASS|EDITOR|SEQUENCE_EDITOR|PAGER|EXTERNAL_DIFF|PROXY_COMMAND|EXEC_PATH|TEMPLATE_DIR|DIR$|COMMON_DIR|WORK_TREE))/;
const NPM = /^npm_config_/i;

/** Whether a text is a valid variable name and may be shown. */
export const isVariable = (text: string): boolean => NAME.test(text) && !isKeyShaped(text);

/** Returns why a variable cannot be set, as the end of a sentence; undefined if it can. Repeats nothing of it. */
export function targetFault(variable: string): string | undefined {
  if (!NAME.test(variable)) return 'must be a name: letters, digits and _, and no digit first';
  if (isKeyShaped(variable)) return 'looks like a key or token';
  if (REFUSED.has(variable) || REFUSED_FAMILIES.test(variable) || NPM.test(variable)) {
    return 'controls how programs load code or find programs and settings, and cannot be set here';
  }
  return undefined;
}
