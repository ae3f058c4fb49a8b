/** The external builder: tells a peer where its city's contract process listens. Three scripts of the machine's own shell. */
import { join } from 'node:path';
import { writeFile } from './files.ts';
import type { Paths } from './paths.ts';
import { connectionsVariable } from './peer-config.ts';

/** Of a script that the peer runs. */
const executable = 0o700;

/** `bin/detect SOURCE METADATA`: ours are those of Fabric's own type for contracts that run as a service. */
const detect = `#!/bin/sh
grep -q '"type":"ccaas"' "$2/metadata.json"
`;

/** `bin/build SOURCE METADATA OUTPUT`: one package serves all cities, so the address is not in it but beside the peer, under the package's label. */
const build = `#!/bin/sh
label=$(sed 's/.*"label":"\\([^"]*\\)".*/\\1/' "$2/metadata.json")
cp "$${connectionsVariable}/$label.json" "$3/connection.json"
`;

/** `bin/release OUTPUT RELEASE` */
const release = `#!/bin/sh
mkdir -p "$2/chaincode/server" && cp "$1/connection.json" "$2/chaincode/server/connection.json"
`;

export function writeBuilder({ builder }: Paths): void {
  for (const [name, script] of Object.entries({ detect, build, release })) {
    writeFile(join(builder, 'bin', name), script, executable);
  }
}
