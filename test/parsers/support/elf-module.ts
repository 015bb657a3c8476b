/** A module as its build would describe it to depmod. */
export interface BuiltModule {
  readonly name: string;
  /** Modules whose symbols it needs. */
  readonly needs: readonly string[];
  readonly aliases: readonly string[];
  /** As MODULE_SOFTDEP: `pre: a b post: c`. */
  readonly softdep?: string;
}

interface Section {
  readonly name: string;
  readonly type: number;
  readonly content: Buffer;
  readonly link?: number;
  readonly entryBytes?: number;
}

const [PROGBITS, SYMTAB, STRTAB] = [1, 2, 3];
const [HEADER_BYTES, SECTION_BYTES, SYMBOL_BYTES] = [64, 64, 24];
const GLOBAL = 0x10;

/** A kernel object that depmod accepts: what the module exports, needs and declares, without code. */
export function elfModule({ name, needs, aliases, softdep }: BuiltModule): Buffer {
  const declared = [...aliases.map((alias) => `alias=${alias}`), ...(softdep === undefined ? [] : [`softdep=${softdep}`])];
  const { symbols, names } = symbolTable(needs.map(exportOf));
  return assemble([
    { name: '', type: 0, content: Buffer.alloc(0) },
    { name: '.strtab', type: STRTAB, content: names },
    { name: '.symtab', type: SYMTAB, content: symbols, link: 1, entryBytes: SYMBOL_BYTES },
    { name: '__ksymtab_strings', type: PROGBITS, content: strings([exportOf(name)]) },
    { name: '.modinfo', type: PROGBITS, content: strings([`name=${name}`, ...declared]) },
  ]);
}

function exportOf(module: string): string {
  return `export_of_${module}`;
}

function strings(texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\0`).join(''), 'latin1');
}

/** Undefined symbols: what the module needs from others. */
function symbolTable(undefinedSymbols: readonly string[]): { readonly symbols: Buffer; readonly names: Buffer } {
  const names = strings(['', ...undefinedSymbols]);
  const symbols = Buffer.alloc(SYMBOL_BYTES * (undefinedSymbols.length + 1));
  let at = 1;
  undefinedSymbols.forEach((symbol, index) => {
    const offset = SYMBOL_BYTES * (index + 1);
    symbols.writeUInt32LE(at, offset);
    symbols[offset + 4] = GLOBAL;
    at += symbol.length + 1;
  });
  return { symbols, names };
}

function assemble(parts: readonly Section[]): Buffer {
  const sections = [...parts, { name: '.shstrtab', type: STRTAB, content: strings([...parts.map(({ name }) => name), '.shstrtab']) }];
  const headers = Buffer.alloc(SECTION_BYTES * sections.length);
  let [nameAt, contentAt] = [0, HEADER_BYTES];
  sections.forEach(({ name, type, content, link = 0, entryBytes = 0 }, index) => {
    const offset = SECTION_BYTES * index;
    headers.writeUInt32LE(nameAt, offset);
    headers.writeUInt32LE(type, offset + 4);
    headers.writeBigUInt64LE(BigInt(type === 0 ? 0 : contentAt), offset + 24);
    headers.writeBigUInt64LE(BigInt(content.length), offset + 32);
    headers.writeUInt32LE(link, offset + 40);
    headers.writeBigUInt64LE(BigInt(entryBytes), offset + 56);
    nameAt += name.length + 1;
    contentAt += content.length;
  });
  return Buffer.concat([header(contentAt, sections.length), ...sections.map(({ content }) => content), headers]);
}

function header(sectionsAt: number, count: number): Buffer {
  const elf = Buffer.alloc(HEADER_BYTES);
  elf.write('\x7fELF\x02\x01\x01', 'latin1');
  elf.writeUInt16LE(1, 16); // ET_REL
  elf.writeUInt16LE(62, 18); // x86-64
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(BigInt(sectionsAt), 40);
  elf.writeUInt16LE(HEADER_BYTES, 52);
  elf.writeUInt16LE(SECTION_BYTES, 58);
  elf.writeUInt16LE(count, 60);
  elf.writeUInt16LE(count - 1, 62);
  return elf;
}
