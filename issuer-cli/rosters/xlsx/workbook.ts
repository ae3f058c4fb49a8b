/** What a workbook (ECMA-376, SpreadsheetML) says of itself: its sheets, its number formats, how it counts days; and whether it may be read at all. */
import { YinxinError } from '@yinxin/core';
import { type NumberForm, readForm } from './formats.ts';
import type { Package } from './package.ts';
import { readSharedStrings, SharedStrings } from './strings.ts';
import { type Attributes, readXml } from './xml.ts';

export interface SheetPart {
  readonly name: string;
  readonly isHidden: boolean;
  /** Name of the part in the package. */
  readonly part: string;
}

export interface Workbook {
  readonly sheets: readonly SheetPart[];
  readonly from1904: boolean;
  /** By the style number of a cell. */
  readonly forms: readonly NumberForm[];
  readonly strings: SharedStrings;
}

const macroParts = /vbaproject|(^|\/)(macrosheets|activex)\//;
const linkParts = /^xl\/(externallinks\/|connections\.xml|querytables\/)/;

/** @throws YinxinError ROSTER_MACRO, ROSTER_LINKS, ROSTER_OLD_FORMAT, ROSTER_DAMAGED */
async function checkParts(parts: Package): Promise<void> {
  const types = (await parts.readSmall('[Content_Types].xml')).toLowerCase();
  if (types.includes('macroenabled') || parts.names.some((name) => macroParts.test(name)))
    throw new YinxinError('ROSTER_MACRO');
  if (parts.names.some((name) => linkParts.test(name))) throw new YinxinError('ROSTER_LINKS');
  if (parts.has('xl/workbook.bin')) throw new YinxinError('ROSTER_OLD_FORMAT');
  if (types === '') throw new YinxinError('ROSTER_DAMAGED');
}

interface Relation {
  readonly id: string;
  /** The last part of the relation's type, such as `worksheet`. */
  readonly kind: string;
  /** Name of a part of the package. */
  readonly target: string;
}

/** A target as a part's name: relative to the folder of its source, or from the root. */
function resolveTarget(folder: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const steps = folder.split('/').filter((step) => step !== '');
  for (const step of target.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.') steps.push(step);
  }
  return steps.join('/');
}

async function readRelations(parts: Package, source: string): Promise<readonly Relation[]> {
  const slash = source.lastIndexOf('/') + 1;
  const folder = source.slice(0, slash);
  const relations: Relation[] = [];
  readXml(await parts.readSmall(`${folder}_rels/${source.slice(slash)}.rels`), (name, attributes) => {
    if (name !== 'Relationship' || attributes['TargetMode'] === 'External') return;
    const kind = (attributes['Type'] ?? '').replace(/^.*\//, '');
    relations.push({ id: attributes['Id'] ?? '', kind, target: resolveTarget(folder, attributes['Target'] ?? '') });
  });
  return relations;
}

function isTrue(text: string | undefined): boolean {
  return text === '1' || text === 'true';
}

function findAttribute(attributes: Attributes, bareName: string): string {
  const name = Object.keys(attributes).find((key) => key === bareName || key.endsWith(`:${bareName}`));
  return name === undefined ? '' : (attributes[name] ?? '');
}

async function readForms(parts: Package, name: string | undefined): Promise<readonly NumberForm[]> {
  const codes = new Map<number, string>();
  const forms: NumberForm[] = [];
  let isInCells = false;
  readXml(
    name === undefined ? '' : await parts.readSmall(name),
    (element, attributes) => {
      if (element === 'numFmt') codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      if (element === 'cellXfs') isInCells = true;
      if (element !== 'xf' || !isInCells) return;
      const id = Number(attributes['numFmtId'] ?? 0);
      forms.push(readForm(id, codes.get(id)));
    },
    (element) => {
      if (element === 'cellXfs') isInCells = false;
    },
  );
  return forms;
}

/** @throws YinxinError ROSTER_MACRO, ROSTER_LINKS, ROSTER_OLD_FORMAT, ROSTER_DAMAGED, ROSTER_BOMB */
export async function readWorkbook(parts: Package): Promise<Workbook> {
  await checkParts(parts);
  const main = (await readRelations(parts, '')).find(({ kind }) => kind === 'officeDocument')?.target;
  if (main === undefined || !parts.has(main)) throw new YinxinError('ROSTER_DAMAGED');
  const relations = await readRelations(parts, main);
  const sheets: SheetPart[] = [];
  let from1904 = false;
  let isWorkbook = false;
  readXml(await parts.readSmall(main), (name, attributes) => {
    if (name === 'workbook') isWorkbook = true;
    if (name === 'workbookPr') from1904 = isTrue(attributes['date1904']);
    if (name !== 'sheet') return;
    const relation = relations.find(({ id }) => id === findAttribute(attributes, 'id'));
    if (relation?.kind !== 'worksheet') return;
    const isHidden = (attributes['state'] ?? 'visible') !== 'visible';
    sheets.push({ name: attributes['name'] ?? '', isHidden, part: relation.target });
  });
  if (!isWorkbook) throw new YinxinError('ROSTER_DAMAGED');
  const find = (kind: string) => relations.find((relation) => relation.kind === kind)?.target;
  const strings = find('sharedStrings');
  return {
    sheets,
    from1904,
    forms: await readForms(parts, find('styles')),
    strings:
      strings !== undefined && parts.has(strings) ? await readSharedStrings(parts.read(strings)) : new SharedStrings(),
  };
}
