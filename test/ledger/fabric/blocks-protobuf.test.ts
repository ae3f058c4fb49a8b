/** The reader of protocol buffers, against the encoding's own description and Fabric's bindings. */
import { common } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import { MalformedMessage, Message } from '../../../gateway/ledger/fabric/blocks/protobuf.ts';
import { bytesField, numberField } from '../../../gateway/ledger/fabric/blocks/protobuf-writer.ts';

const hex = (text: string) => new Message(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('protocol buffers', () => {
  it('reads the examples of the encoding’s description', () => {
    expect(hex('08 96 01').natural(1)).to.equal(150); // protobuf.dev, Encoding, "A Simple Message"
    expect(hex('12 07 74 65 73 74 69 6e 67').text(2)).to.equal('testing'); // "Length-Delimited Records"
    expect(hex('1a 03 08 96 01').message(3).natural(1)).to.equal(150); // "Submessages"
    expect(hex('08 fe ff ff ff ff ff ff ff ff 01').int64(1)).to.equal(-2n); // "Signed Integers"
    expect(hex('08 fe ff ff ff ff ff ff ff ff 01').int32(1)).to.equal(-2);
  });

  it('gives defaults for what is absent or of another kind', () => {
    const message = hex('08 01');
    expect([message.natural(2), message.text(1), message.boolean(3), message.int64(9)]).to.deep.equal([
      0,
      '',
      false,
      0n,
    ]);
    expect(message.message(1).has(1)).to.equal(false);
    expect([message.bytes(1).length, message.list(1).length, message.has(1), message.has(2)]).to.deep.equal([
      0,
      0,
      true,
      false,
    ]);
    expect(hex('0a 01 41').natural(1)).to.equal(0);
  });

  it('takes the last of several values, and merges several messages', () => {
    expect(hex('08 01 08 02').natural(1)).to.equal(2);
    expect(hex('0a 01 41 0a 01 42').text(1)).to.equal('B');
    expect(hex('0a 02 08 01 0a 02 10 02').message(1).natural(1)).to.equal(1);
    const entries = Buffer.concat(
      [1, 2].map((number) => bytesField(1, [bytesField(1, 'k'), bytesField(2, [numberField(1, number)])])),
    );
    expect(new Message(entries).entries(1).get('k')?.natural(1)).to.equal(2);
  });

  it('passes over what it does not know, groups too', () => {
    expect(hex('0d 01 02 03 04 11 01 02 03 04 05 06 07 08 1b 08 01 23 24 1c 20 05').natural(4)).to.equal(5);
  });

  it('refuses what is cut off, too long or out of bounds', () => {
    const bad = [
      '08', // no value
      '0a 05 41', // fewer bytes than said
      '08 80', // number cut off
      '08 ff ff ff ff ff ff ff ff ff 02', // 65 bits
      '08 80 80 80 80 80 80 80 80 80 80 01', // eleven bytes
      '00 01', // field 0
      'f8 ff ff ff 8f 01 01', // field number over 29 bits
      '0e', // wire type 6
      '0c', // end of no group
      '0b 14', // group ends as another
      '0b', // group without end
      '0b'.repeat(200), // groups too deep
      '0a ff ff ff ff ff ff ff ff ff 01', // length of 2^64 - 1
    ];
    for (const text of bad) expect(() => hex(text), text).to.throw(MalformedMessage);
    expect(() => hex('0a 01 ff').text(1)).to.throw(MalformedMessage);
    expect(() => hex('0a 01 ff 0a 01 41').text(1)).to.throw(MalformedMessage);
    expect(() => hex('08 80 80 80 80 80 80 80 10').natural(1)).to.throw(MalformedMessage); // 2^53
  });

  it('writes what Fabric’s bindings read', () => {
    const header = common.BlockHeader.deserializeBinary(
      Buffer.concat([numberField(1, 2 ** 40 + 5), bytesField(2, Buffer.alloc(300, 7)), bytesField(3, 'é')]),
    );
    expect(header.getNumber()).to.equal(2 ** 40 + 5);
    expect(header.getPreviousHash_asU8()).to.deep.equal(new Uint8Array(300).fill(7));
    expect(Buffer.from(header.getDataHash_asU8()).toString()).to.equal('é');
  });
});
