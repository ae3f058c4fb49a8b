/** Answers of lines over connections that stay open, and that the other end may give up. */
import { createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { requestLines } from '../../issuer-cli/http-lines.ts';

const answer = 'HTTP/1.1 201 Created\r\ncontent-type: application/x-ndjson\r\ncontent-length: 6\r\n\r\n{}\n{}\n';

/** Answers the requests of a connection as the list says; `gone` resets the connection when the request comes. */
async function startServer(answers: readonly ('answer' | 'gone' | 'broken')[]) {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      const next = answers[requests] ?? 'answer';
      requests += 1;
      if (next === 'answer') socket.write(answer);
      else if (next === 'gone') socket.resetAndDestroy();
      else socket.write(answer.slice(0, -4), () => socket.resetAndDestroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    requests: () => requests,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function ask(url: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const onLine = (line: Buffer) => lines.push(line.toString());
  await requestLines({ url, headers: {}, body: new Uint8Array([0x7b, 0x7d]), onLine, idleMilliseconds: 5_000 });
  return lines;
}

describe('asking for lines', () => {
  it('is repeated at once where the connection that was kept open is gone', async () => {
    const server = await startServer(['answer', 'gone', 'answer']);
    expect(await ask(server.url)).to.deep.equal(['{}', '{}']);
    expect(await ask(server.url)).to.deep.equal(['{}', '{}']);
    expect(server.requests()).to.equal(3);
    server.close();
  });

  for (const [name, answers] of [
    ['a fresh connection is reset', ['gone']],
    ['a connection breaks inside the answer', ['answer', 'broken']],
  ] as const) {
    it(`is not repeated where ${name}: that is for whoever asked`, async () => {
      const server = await startServer(answers);
      for (let at = 1; at < answers.length; at += 1) await ask(server.url);
      const failure = await ask(server.url).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).to.be.instanceOf(Error);
      expect(server.requests()).to.equal(answers.length);
      server.close();
    });
  }
});
