/** Values that can be had again: the ones used last stay. */
import { expect } from 'chai';
import { Recent } from '../../gateway/recent.ts';

describe('gateway: recent values', () => {
  it('keeps no more than so many, and forgets first what was used longest ago', () => {
    const recent = new Recent<number>(2);
    recent.set('a', 1);
    recent.set('b', 2);
    expect(recent.get('a')).to.equal(1);
    recent.set('c', 3);
    expect(['a', 'b', 'c'].map((name) => recent.get(name))).to.deep.equal([1, undefined, 3]);
    recent.delete('a');
    recent.set('d', 4);
    expect(['a', 'c', 'd'].map((name) => recent.get(name))).to.deep.equal([undefined, 3, 4]);
  });
});
