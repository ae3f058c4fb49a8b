/** Every folder has a short README, the README of the project fits its page, and what is written in it exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rooms = ['core', 'chaincode', 'gateway', 'issuer-cli', 'verifier-web', 'network', 'certs', 'test'];
const countLines = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n').length;

describe('READMEs', () => {
  for (const name of ['README.md', 'README.zh-CN.md']) {
    it(`${name} has at most 150 lines, and a picture of the page that exists`, () => {
      const path = join(root, name);
      expect(countLines(path)).to.be.at.most(150);
      const picture = /!\[[^\]]*\]\(([^)]+\.png)\)/.exec(readFileSync(path, 'utf8'))?.[1];
      expect(picture && existsSync(join(root, picture))).to.equal(true);
    });

    it(`${name} links only to files that exist`, () => {
      const links = [...readFileSync(join(root, name), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
        ([, link]) => link ?? '',
      );
      expect(links.length).to.be.greaterThan(3);
      expect(links.filter((link) => !existsSync(join(root, link)))).to.deep.equal([]);
    });
  }

  for (const room of rooms) {
    it(`${room} explains itself in at most 60 lines`, () => {
      expect(countLines(join(root, room, 'README.md'))).to.be.at.most(60);
    });
  }

  it('both READMEs show the same commands', () => {
    const commands = (name: string) =>
      [...readFileSync(join(root, name), 'utf8').matchAll(/^```(?:sh|bash)\n([\s\S]*?)^```/gm)]
        .flatMap(([, block]) => (block ?? '').split('\n'))
        .map((line) => line.replace(/\s+#.*$/, '').trim())
        .filter((line) => line !== '' && !line.startsWith('#'));
    expect(commands('README.zh-CN.md')).to.deep.equal(commands('README.md'));
  });

  it('the 38 types are named in the catalogue folder, one file each', () => {
    expect(
      readdirSync(join(root, 'certs', 'types')).filter((name) => name.endsWith('.json')),
    ).to.have.length.of.at.least(38);
  });
});
