/** The walls between the rooms: every import of the project is walked, and any arrow that the design does not draw fails. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rooms = ['core', 'chaincode', 'gateway', 'issuer-cli', 'verifier-web', 'network', 'certs', 'test'] as const;
type Room = (typeof rooms)[number];

/** What each room may import of the others. `test` may import everything. */
const allowed: { readonly [room in Exclude<Room, 'test'>]: readonly Room[] } = {
  core: [],
  chaincode: ['core'],
  gateway: ['core', 'chaincode'],
  'issuer-cli': ['core'],
  'verifier-web': ['core'],
  network: ['core'],
  certs: [],
};

/** The one place where the gateway may import the contract. */
const contractDoor = join('gateway', 'ledger', 'embedded') + sep;

/** Files of core that may use Node: the native hash. */
const coreNodeFiles = [join('core', 'sm3-node.ts')];

interface Arrow {
  readonly file: string;
  readonly specifier: string;
}

function listSources(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(node_modules|dist|artifacts|\..*)$/.test(entry.name) ? [] : listSources(path);
    return /\.(ts|mts|js|mjs|cjs)$/.test(entry.name) ? [path] : [];
  });
}

/** Static, re-exporting, side-effect and dynamic imports, types included. */
function findSpecifiers(source: string): string[] {
  const statement = /(?:^|[;\n])\s*(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]/g;
  const bare = /(?:^|[;\n])\s*import\s*['"]([^'"]+)['"]/g;
  const call = /\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/g;
  return [statement, bare, call].flatMap((pattern) => [...source.matchAll(pattern)].flatMap((match) => match[1] ?? []));
}

function roomOf(path: string): Room | undefined {
  const [first] = relative(root, path).split(sep);
  return rooms.find((room) => room === first);
}

function targetRoom({ file, specifier }: Arrow): Room | undefined {
  if (specifier.startsWith('.')) return roomOf(resolve(root, dirname(file), specifier));
  const workspace = /^@yinxin\/([a-z-]+)/.exec(specifier)?.[1];
  return rooms.find((room) => room === workspace);
}

const arrows: Arrow[] = rooms.flatMap((room) =>
  listSources(join(root, room)).flatMap((path) =>
    findSpecifiers(readFileSync(path, 'utf8')).map((specifier) => ({ file: relative(root, path), specifier })),
  ),
);

const show = ({ file, specifier }: Arrow) => `${file} → ${specifier}`;

describe('the house', () => {
  it('is walked: static, type, side-effect and dynamic imports are found', () => {
    const source =
      "import { a } from './a.ts';\nimport type { B } from '../b.ts';\nexport * from './c.ts';\nimport './d.ts';\nconst e = await import('./e.ts');\nimport f, {\n  g,\n} from 'f';\n";
    expect(findSpecifiers(source).sort()).to.deep.equal(['../b.ts', './a.ts', './c.ts', './d.ts', './e.ts', 'f']);
    expect(arrows.length).to.be.greaterThan(100);
  });

  for (const room of rooms.filter((name): name is Exclude<Room, 'test'> => name !== 'test')) {
    it(`${room} imports only what the design allows`, () => {
      const wrong = arrows
        .filter(({ file }) => file.startsWith(room + sep))
        .filter((arrow) => {
          const target = targetRoom(arrow);
          return target !== undefined && target !== room && !allowed[room].includes(target);
        });
      expect(wrong.map(show)).to.deep.equal([]);
    });
  }

  it('the gateway meets the contract in the embedded ledger adapter only', () => {
    const wrong = arrows.filter(
      (arrow) =>
        arrow.file.startsWith(`gateway${sep}`) &&
        targetRoom(arrow) === 'chaincode' &&
        !arrow.file.startsWith(contractDoor),
    );
    expect(wrong.map(show)).to.deep.equal([]);
  });

  it('core uses nothing of Node, but for the native hash', () => {
    const isNode = (specifier: string) => specifier.startsWith('node:') || builtinModules.includes(specifier);
    const wrong = arrows.filter(
      ({ file, specifier }) => file.startsWith(`core${sep}`) && isNode(specifier) && !coreNodeFiles.includes(file),
    );
    expect(wrong.map(show)).to.deep.equal([]);
  });

  it('each third-party package of core stands behind one file', () => {
    const users = new Map<string, Set<string>>();
    for (const { file, specifier } of arrows) {
      if (!file.startsWith(`core${sep}`) || /^[.#]|^node:/.test(specifier)) continue;
      users.set(specifier, (users.get(specifier) ?? new Set()).add(file));
    }
    const shared = [...users].filter(([specifier, files]) => files.size > (specifier === 'sm-crypto-v2' ? 2 : 1));
    expect(shared.map(([specifier]) => specifier)).to.deep.equal([]);
  });

  it('certs is data: no program in it', () => {
    expect(listSources(join(root, 'certs'))).to.deep.equal([]);
  });

  it('no relative import leaves its room', () => {
    const wrong = arrows.filter(
      (arrow) =>
        arrow.specifier.startsWith('.') &&
        !arrow.file.startsWith(`test${sep}`) &&
        targetRoom(arrow) !== roomOf(join(root, arrow.file)),
    );
    expect(wrong.map(show)).to.deep.equal([]);
  });
});
