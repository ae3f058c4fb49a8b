/** What someone reads who has no Node, or one that is too old. */
import type { Words } from '@yinxin/core';

export const wantedMajor = 24;

/** Exit code: nothing was done, and it is not the command that failed. */
export const nodeMissingExit = 3;

/** One sentence each; no character that a shell or a batch file reads as its own. */
export const nodeNeeded: Words = {
  zh: `运行 yinxin 需要 Node ${wantedMajor} 或更新版本：请从 https://nodejs.org 安装，或把 node 程序放进 yinxin 所在的文件夹，或改用不需要 Node 的单一可执行文件。`,
  en: `yinxin needs Node ${wantedMajor} or later: install it from https://nodejs.org, or put the node program into the folder of yinxin, or use the single executable, which needs no Node.`,
};
