/** What is used of postject, which brings no types. */
declare module 'postject' {
  export interface InjectOptions {
    readonly sentinelFuse?: string;
    readonly machoSegmentName?: string;
  }
  /** Puts a resource into an executable (ELF, Mach-O, PE), in place. */
  export function inject(file: string, name: string, content: Buffer, options?: InjectOptions): Promise<void>;
}
