/** What `npm run network` can do. */
export const helpText = `本机上的 Hyperledger Fabric 网络：每个城市一个节点、一个合约进程、一个排序节点。
A Hyperledger Fabric network on this machine: each city with a peer, a contract process and an orderer.

  npm run network -- up [--cities N] [--raft] [--base-port PORT]   启动或补全 bring up, or complete
  npm run network -- down                                          停止 stop
  npm run network -- status                                        状态 what runs
  npm run network -- logs [NODE] [--follow]                        日志 logs
  npm run network -- doctor [--profile FILE] [--json]              检查一切 find what is wrong, and what to do
  npm run network -- upgrade                                       升级合约 bring in this repository's contract
  npm run network -- add-city NAME                                 增加城市 add a city, such as Sichuan
  npm run network -- deploy --profile FILE                         部署到别人的网络 on a network that someone else runs
  npm run network -- reset [--yes]                                 删除 remove with all data

  -h, --help                    显示此帮助 this help
  --home DIR (YINXIN_NETWORK)   网络文件夹 the network's folder, default .yinxin-network
  YINXIN_FABRIC_BIN             Fabric 程序所在文件夹 folder of Fabric's programs, default PATH
`;
