/** What starts `yinxin.cjs` by its name: a shell script, and a batch file for Windows. Node beside them comes first, then the one of PATH. */
import { nodeMissingExit, nodeNeeded, wantedMajor } from './node-needed.ts';

/** In no shell needs any of its characters quoting but the angle bracket, which stands in quotes. */
const isNew = `process.exit(parseInt(process.versions.node,10)<${wantedMajor}?1:0)`;

/** POSIX sh; needs no other program, so that an empty PATH does not matter. */
export const shellLauncher = `#!/bin/sh
folder=\${0%/*}
[ "$folder" = "$0" ] && folder=.
if [ -L "$0" ]; then # a link in a folder of PATH
  self=$(readlink -f -- "$0")
  folder=\${self%/*}
fi
node=$folder/node
[ -x "$node" ] || node=node
if ! "$node" -e '${isNew}' >/dev/null 2>&1; then
  printf '%s\\n' '${nodeNeeded.zh}' '${nodeNeeded.en}' >&2
  exit ${nodeMissingExit}
fi
exec "$node" "$folder/yinxin.cjs" "$@"
`;

/** cmd.exe reads a batch file line by line in the code page of its console: Chinese is printed under UTF-8, then the page is set back. */
const batchLines = [
  '@echo off',
  'setlocal',
  'set "NODE=%~dp0node.exe"',
  'if not exist "%NODE%" set "NODE=node"',
  `"%NODE%" -e "${isNew}" >nul 2>nul`,
  'if "%errorlevel%"=="0" goto run',
  'set "PAGE=936"',
  'for /f "tokens=2 delims=:." %%p in (\'chcp\') do set "PAGE=%%p"',
  'chcp 65001 >nul',
  `echo ${nodeNeeded.zh}>&2`,
  `echo ${nodeNeeded.en}>&2`,
  'chcp %PAGE% >nul',
  `exit /b ${nodeMissingExit}`,
  ':run',
  '"%NODE%" "%~dp0yinxin.cjs" %*',
];

/** CRLF: cmd.exe may miss a label in a file that has LF alone. Its last line is the command, whose exit code is then its own. */
export const batchLauncher = `${batchLines.join('\r\n')}\r\n`;
